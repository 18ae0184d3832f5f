"""Identify the characters of the whole book, with the names that the user gave them."""
