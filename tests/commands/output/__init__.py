"""The mirror of commands/shown."""
