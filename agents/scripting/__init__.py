"""A whole project as a file: what it says, and making it."""
