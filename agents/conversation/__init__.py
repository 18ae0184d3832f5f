"""Changing a film that is planned: edits become revisions, and what a revision costs is said first. Films nothing."""
