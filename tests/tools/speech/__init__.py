"""Tests of tools/speech."""
