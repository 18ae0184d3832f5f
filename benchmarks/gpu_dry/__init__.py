"""Run every model of the profiles at full size without weights: shapes, types and memory of a GPU that is not there."""
