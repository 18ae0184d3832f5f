"""Tests of tools/cards."""
