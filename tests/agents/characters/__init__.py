"""The mirror of agents/casting."""
