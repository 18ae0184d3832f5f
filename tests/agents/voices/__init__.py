"""Tests of agents/voices."""
