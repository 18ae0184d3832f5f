"""Tests of tools/vision."""
