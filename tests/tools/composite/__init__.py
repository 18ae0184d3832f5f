"""Tests of tools/composite."""
