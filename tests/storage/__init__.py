"""The tests of the ground floor: real SQLite, real files, real processes."""
