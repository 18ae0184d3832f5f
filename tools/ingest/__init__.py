"""Open books of every supported form (folder, archive, PDF, EPUB, images) under hard limits of size."""
