"""Plan the sound of a film: which voices, effects, places and music are heard, from when to when and how loud."""
