"""Run the Manga Whisperer models, Magi v2 and v3, in a process with the transformers that they were written for."""
