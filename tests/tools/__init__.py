"""The mirror of tools."""
