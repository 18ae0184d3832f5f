"""Output for people: tables, progress, lists of shots and HTML pages."""
