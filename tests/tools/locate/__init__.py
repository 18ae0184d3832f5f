"""Tests of tools/locate."""
