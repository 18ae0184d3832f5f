"""Tests of tools/mixing."""
