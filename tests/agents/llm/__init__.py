"""Tests of agents/llm."""
