"""Give damaged and hostile inputs to everything that reads a user's files and lines, and report what is not refused.

Each input is drawn from a seed, so that a case can be repeated: `python -m benchmarks.fuzz --case book:1-42`.
"""
