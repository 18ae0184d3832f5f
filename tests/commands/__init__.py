"""The mirror of commands."""
