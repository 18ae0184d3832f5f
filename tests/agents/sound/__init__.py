"""Tests of the soundtrack."""
