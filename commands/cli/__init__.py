"""Parsing of the command line: options, help texts and conversion to settings."""
