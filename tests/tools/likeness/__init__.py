"""Tests of tools/likeness."""
