"""The mirror of agents/revising."""
