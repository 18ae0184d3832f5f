"""Tests of tools.reading."""
