"""Algorithms that read a page: panels, lettering, balloons and reading order. They know no project and no backend."""
