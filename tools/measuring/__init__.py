"""Measure finished pictures and segments, for review and for ranking."""
