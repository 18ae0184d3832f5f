"""Tests of tools/scoring."""
