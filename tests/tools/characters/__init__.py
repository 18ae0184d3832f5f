"""The mirror of tools/casting."""
