"""Tests of tools.transcribe."""
