"""Estimate the cost of a film before it is made: model calls, tokens, dollars and GPU seconds, with their limits."""
