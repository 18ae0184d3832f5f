"""The mirror of agents/asking."""
