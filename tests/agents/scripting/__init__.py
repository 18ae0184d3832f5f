"""The mirror of agents/scripting."""
