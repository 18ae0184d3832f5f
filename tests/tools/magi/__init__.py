"""Tests of the processes of the Manga Whisperer models."""
