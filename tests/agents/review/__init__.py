"""Tests of agents/review."""
