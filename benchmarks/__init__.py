"""What `make bench` runs: every figure the project claims, measured here and now, as ratios within one run."""
