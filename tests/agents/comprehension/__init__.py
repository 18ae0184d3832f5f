"""Tests of agents/comprehension."""
