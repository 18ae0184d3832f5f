"""Cut panels out of pages and extend their background by image processing, without a model."""
