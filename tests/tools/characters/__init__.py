"""Tests of tools/characters."""
