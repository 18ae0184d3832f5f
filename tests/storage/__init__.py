"""Tests of storage/ with real SQLite, real files and real processes."""
