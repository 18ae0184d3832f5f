"""Decide what happens next in making a film: stages, planning, editing, review and calls to language models."""
