"""What the generating backends share."""
