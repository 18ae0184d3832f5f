"""Training-free methods from the literature, each an option of the backends that can carry it; none needs weights."""
