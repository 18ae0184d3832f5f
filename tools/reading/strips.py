"""Split a tall scrolling strip into the screens that it was drawn in.

A strip made for scrolling has no pages: pictures stand below each other with quiet bands between them, which are
paper, black or an even tone. A band is quiet where every row of it has one colour from side to side.
"""

from __future__ import annotations

import cv2
import numpy as np

from tools.plates import Image, Mask

STRIP_ASPECT = 2.4
"""A page taller than this many widths is a strip."""
QUIET_BAND, MAX_VARIATION = 0.03, 24
"""Limits of a quiet band: its least height in widths of the strip, and how much an even row may vary (0..255)."""
MIN_SCREEN = 0.12
"""A screen lower than this share of the width is a line of lettering or an ornament."""
EXAMINED_WIDTH = 320
"""Width in pixels at which a strip is examined."""


def is_strip(page: Image) -> bool:
    """Return whether a page, (h, w, 3), is a tall strip."""
    return bool(page.shape[0] > STRIP_ASPECT * page.shape[1])


def split_strip(page: Image, hidden: Mask | None = None) -> list[tuple[int, int]]:
    """Split a strip into its screens.

    Args:
        page: The image of the strip, (h, w, 3) RGB uint8.
        hidden: Mask of lettering and balloons, (h, w) uint8, 255 = hidden. They count as quiet, so a balloon between
            two pictures does not join them.

    Returns:
        First and last row (exclusive) of each screen in page pixels, from the top.
    """
    scale = min(1.0, EXAMINED_WIDTH / page.shape[1])
    size = max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale))
    small = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), dtype=np.int16)
    unknown = np.zeros(small.shape[:2], bool)
    if hidden is not None:
        shrunk = np.asarray(cv2.resize(hidden, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
        unknown = np.asarray(cv2.dilate(shrunk, np.ones((7, 7), np.uint8))) > 0
    middle = np.median(small, axis=1, keepdims=True)
    uneven = (np.abs(small - middle).max(axis=2) > MAX_VARIATION) & ~unknown
    quiet = uneven.mean(axis=1) < 0.005
    screens: list[tuple[int, int]] = []
    for top, bottom in _find_runs(~quiet):
        if screens and top - screens[-1][1] < QUIET_BAND * size[0]:
            screens[-1] = (screens[-1][0], bottom)
        else:
            screens.append((top, bottom))
    return [
        (max(0, round(top / scale)), min(page.shape[0], round(bottom / scale)))
        for top, bottom in screens
        if bottom - top >= MIN_SCREEN * size[0]
    ]


def _find_runs(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Return start and end (exclusive) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
