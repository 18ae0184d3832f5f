"""Tests of tools/previews."""
