"""The mirror of tools/showing."""
