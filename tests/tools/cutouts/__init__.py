"""Tests of tools/cutouts."""
