"""Place sounds on the buses of a film, level and duck them, and make one mix of a known loudness of them."""
