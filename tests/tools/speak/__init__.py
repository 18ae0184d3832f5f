"""Tests of tools/speak."""
