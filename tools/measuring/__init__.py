"""Finished pictures in, numbers about them out: what review and ranking go by."""
