"""Media processing: read, draw, animate and measure pictures and films; no database, no graph and no chat client."""
