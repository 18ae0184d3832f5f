"""Values in, what a user sees out: tables, progress, pages to look at."""
