"""Benchmarks run by `make bench`: speed and memory against bounds, mostly as ratios within one run."""
