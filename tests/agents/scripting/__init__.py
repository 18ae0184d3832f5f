"""Tests of agents/scripting."""
