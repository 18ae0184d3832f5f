"""Tests of tools.ingest."""
