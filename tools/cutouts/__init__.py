"""A panel on its page in, the cutout and the ground it stands on out, without a model."""
