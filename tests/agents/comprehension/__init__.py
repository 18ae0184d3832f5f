"""What a model understands of a book: asked, believed as far as it may be, and laid over what was read."""
