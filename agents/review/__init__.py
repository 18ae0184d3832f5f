"""Judge takes by measures and by a vision model, and choose the best of several."""
