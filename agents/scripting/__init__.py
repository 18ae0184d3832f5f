"""Make a whole film from a script file (SCRIPT.toml)."""
