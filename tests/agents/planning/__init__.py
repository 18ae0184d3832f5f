"""The mirror of agents/directors."""
