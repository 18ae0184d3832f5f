"""Tests of what people type: how a line is understood, and what is said of one that is not."""
