"""The mirror of tools/transcribe."""
