"""Tests. The folders mirror the packages; the files at the top test the house rules and whole films."""
