"""Recognise tall scrolling strips, which are read downwards and have no pages."""

from __future__ import annotations

from tools.plates import Image

STRIP_ASPECT = 2.4
"""A page taller than this many widths is a strip."""


def is_strip(page: Image) -> bool:
    """Return whether a page, (h, w, 3), is a tall strip."""
    return bool(page.shape[0] > STRIP_ASPECT * page.shape[1])
