"""Tests of agents/conversation."""
