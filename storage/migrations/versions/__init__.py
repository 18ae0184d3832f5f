"""The revisions of library.db, oldest first by name."""
