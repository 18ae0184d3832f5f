"""The mirror of tools/composite."""
