"""Media processing: read, draw, animate and measure pictures and sound; no database, no graph and no chat client."""
