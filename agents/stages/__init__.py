"""One file a stage: it loads from the library, has things made, and keeps them; it can be entered again."""
