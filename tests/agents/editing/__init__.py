"""Tests of agents/editing."""
