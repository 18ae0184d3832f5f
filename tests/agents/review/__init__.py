"""The mirror of agents/reviewing."""
