"""The pieces of music that come with Komadori as notes, and how music is fitted to the length of a cue."""
