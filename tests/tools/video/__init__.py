"""The mirror of tools/filming."""
