"""The mirror of tools/outpaint."""
