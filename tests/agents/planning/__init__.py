"""Tests of agents/planning."""
