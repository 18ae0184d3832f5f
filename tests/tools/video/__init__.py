"""Tests of tools/video."""
