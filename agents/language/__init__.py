"""Understand sentences about a film: vocabularies of several languages, and one grammar for all of them."""
