"""The mirror of tools/measuring."""
