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
QUIET_BAND, EVEN = 0.03, 24
"""A band parts two screens when it is higher than this share of the width; an even row varies by at most this much."""
LEAST_SCREEN = 0.12
"""A screen lower than this share of the width is a line of lettering or an ornament."""
LOOKING_WIDTH = 320


def is_strip(page: Image) -> bool:
    """Whether a page, (h, w, 3), is a tall strip."""
    return bool(page.shape[0] > STRIP_ASPECT * page.shape[1])


def split_strip(page: Image, hidden: Mask | None = None) -> list[tuple[int, int]]:
    """First and last row (exclusive) of each screen of a strip, (h, w, 3) RGB uint8, from the top.

    What is `hidden` by lettering and balloons counts as quiet: a balloon between two pictures joins neither.
    """
    scale = min(1.0, LOOKING_WIDTH / page.shape[1])
    size = max(1, round(page.shape[1] * scale)), max(1, round(page.shape[0] * scale))
    small = np.asarray(cv2.resize(page, size, interpolation=cv2.INTER_AREA), dtype=np.int16)
    unknown = np.zeros(small.shape[:2], bool)
    if hidden is not None:
        shrunk = np.asarray(cv2.resize(hidden, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
        unknown = np.asarray(cv2.dilate(shrunk, np.ones((7, 7), np.uint8))) > 0
    middle = np.median(small, axis=1, keepdims=True)
    uneven = (np.abs(small - middle).max(axis=2) > EVEN) & ~unknown
    quiet = uneven.mean(axis=1) < 0.005
    found: list[tuple[int, int]] = []
    for top, bottom in _runs(~quiet):
        if found and top - found[-1][1] < QUIET_BAND * size[0]:
            found[-1] = (found[-1][0], bottom)
        else:
            found.append((top, bottom))
    return [
        (max(0, round(top / scale)), min(page.shape[0], round(bottom / scale)))
        for top, bottom in found
        if bottom - top >= LEAST_SCREEN * size[0]
    ]


def _runs(flags: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    """Begin and end (exclusive) of every run of True."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(np.int8), [0]])))
    return [(int(a), int(b)) for a, b in zip(edges[::2], edges[1::2], strict=True)]
