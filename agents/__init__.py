"""The route: who decides what happens next."""
