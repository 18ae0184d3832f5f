"""What `make bench` runs: speed and memory, measured here and now against bounds, as ratios within one run."""
