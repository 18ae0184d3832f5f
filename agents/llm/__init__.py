"""Asking a language model: what a question and an answer are, which server, and how many at a time."""
