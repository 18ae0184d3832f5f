"""The mirror of commands/typed."""
