"""The mirror of tools/clean."""
