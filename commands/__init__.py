"""The command line: one module for each command, which parses its options, calls agents/ and prints."""
