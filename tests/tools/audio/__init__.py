"""Tests of tools/audio."""
