"""The mirror of agents/costs."""
