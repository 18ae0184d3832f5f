"""Training-free methods from the literature, each an option of the backends that support it; none needs weights."""
