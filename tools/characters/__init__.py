"""Sightings of figures in, which of them are one character out."""
