"""What the generating backends share: weights, pipelines, sizes, masks and methods; knows no capability's promise."""
