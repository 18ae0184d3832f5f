"""Segment, estimate depth and find what words name, with vision models of transformers."""
