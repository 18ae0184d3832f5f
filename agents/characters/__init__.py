"""Who is who over the whole book, and what a person said of it."""
