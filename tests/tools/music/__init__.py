"""Tests of tools/music."""
