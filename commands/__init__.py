"""What the user types in, one file a command; parses its own words, prints, and calls agents/ for the rest."""
