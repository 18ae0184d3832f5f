"""Tests of agents/characters."""
