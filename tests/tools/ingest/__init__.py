"""The mirror of tools/ingest."""
