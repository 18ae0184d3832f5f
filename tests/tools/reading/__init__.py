"""The mirror of tools/reading."""
