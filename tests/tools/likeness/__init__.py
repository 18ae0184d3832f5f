"""The mirror of tools/likeness."""
