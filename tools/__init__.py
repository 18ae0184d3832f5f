"""The workshop: media in, media out; no database, no chat, no graph."""
