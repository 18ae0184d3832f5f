"""The stages of a film, one file each: load from the library, run jobs, and keep the results; each can run again."""
