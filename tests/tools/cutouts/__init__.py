"""The mirror of tools/cutouts."""
