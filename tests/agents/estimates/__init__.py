"""Tests of agents/estimates."""
