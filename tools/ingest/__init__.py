"""Books in, pages out: every form a chapter comes in, under hard limits."""
