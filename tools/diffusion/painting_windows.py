"""Divide what is to be painted into windows in which a model paints at the picture's own scale.

Holes that lie close together share a window, with what surrounds them. A hole larger than a window is filled by several
that overlap, from the rim of what is known outwards, so that each sees what was painted before it
(stablediffusion-infinity; SDM, Li et al. 2022, grows large holes from the rim in the same way).
"""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.plates import Mask

Windows = Literal["page", "whole"]
"""Whether large pictures are painted in windows at their own scale, or whole and enlarged."""
MAX_WINDOWS = 8
"""The most windows in one picture."""
CONTEXT = 1 / 8
"""Share of a window that is seen beside a hole on each side; two windows of one hole overlap by twice as much."""
SEAM = 4
"""Pixels by which a window paints over the window before it, so that their seam is blended."""
_GROWTH = 1.1
"""How much larger windows become while there are too many of them."""
_Flags = NDArray[np.bool_]
_Spans = tuple[int, int, int, int]
"""x0, y0, x1, y1 in pixels."""


@dataclass(frozen=True)
class PaintingWindow:
    """A part of a picture that is painted in one call."""

    x0: int
    y0: int
    width: int
    """Width in pixels of the picture; the window may end a few pixels beyond it."""
    height: int
    megapixels: float
    """The area of the canvas on which it is painted, in millions of pixels."""
    mask: Mask
    """What is painted in it, (h, w) uint8, 255 inside; without what lies beyond the picture."""

    @property
    def place(self) -> tuple[slice, slice]:
        """Return the rows and columns of the picture that it covers."""
        height, width = self.mask.shape
        return slice(self.y0, self.y0 + height), slice(self.x0, self.x0 + width)


def max_windows(windows: Windows, most: int = MAX_WINDOWS) -> int:
    """Return the most windows for `plan_windows`: `most` at the scale of the page, 0 for the whole picture at once."""
    return most if windows == "page" else 0


def plan_windows(mask: Mask, most: int, *, megapixels: float, multiple: int) -> list[PaintingWindow]:
    """Plan the windows in which the masked part of a picture is painted, in order.

    Args:
        mask: 255 where is painted, (h, w) uint8.
        most: The most windows. Where they do not suffice, windows are larger than the canvas, and what is painted in
            them is enlarged. 0 for one window over the whole picture, which is also taken where it fits the canvas.
        megapixels: The area of the canvas, in millions of pixels.
        multiple: Number of pixels of which both sides of the canvas are multiples.

    Returns:
        The windows; none where nothing is masked.
    """
    height, width = mask.shape
    todo = mask > 0
    if not todo.any():
        return []
    holes, scale = _find_holes(todo), 1.0
    while most and width * height > megapixels * 1e6 * scale**2:
        canvas = _canvas_size(width / scale, height / scale, megapixels, multiple)
        size = round(canvas[0] * scale), round(canvas[1] * scale)
        corners = _cover(todo, holes, size)
        if len(corners) <= most:
            return _grow(mask, corners, size, canvas[0] * canvas[1] / 1e6)
        scale *= _GROWTH
    return [PaintingWindow(0, 0, width, height, megapixels, mask)]


def _canvas_size(width: float, height: float, megapixels: float, multiple: int) -> tuple[int, int]:
    """Return the size of the canvas for windows in a picture: square, or longer where the picture is narrow."""

    def fit(length: float, most: float) -> int:
        whole = math.ceil(most / multiple) * multiple
        return max(multiple, min(whole, round(length / multiple) * multiple))

    side = math.sqrt(megapixels * 1e6)
    across, down = fit(side, width), fit(side, height)
    if down < across:
        across = fit(megapixels * 1e6 / down, width)
    elif across < down:
        down = fit(megapixels * 1e6 / across, height)
    return across, down


def _find_holes(todo: _Flags) -> list[_Spans]:
    """Return the boxes of the connected parts of a mask, in reading order."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(todo.astype(np.uint8), connectivity=8)
    boxes = [(int(x), int(y), int(x + w), int(y + h)) for x, y, w, h, _ in stats[1:]]
    return sorted(boxes, key=lambda box: (box[1], box[0]))


def _cover(todo: _Flags, holes: Sequence[_Spans], size: tuple[int, int]) -> list[tuple[int, int]]:
    """Return the top left corners of windows that cover all holes, each with its context."""
    height, width = todo.shape
    limits = ((size[0], width), (size[1], height))
    shared = list[_Spans]()
    corners = list[tuple[int, int]]()
    for hole in holes:
        if any(_count(hole, axis, *limit) > 1 for axis, limit in enumerate(limits)):
            corners += _tile(todo, hole, size)
            continue
        for number, other in enumerate(shared):
            both = (min(hole[0], other[0]), min(hole[1], other[1]), max(hole[2], other[2]), max(hole[3], other[3]))
            if all(_count(both, axis, *limit) == 1 for axis, limit in enumerate(limits)):
                shared[number] = both
                break
        else:
            shared.append(hole)
    centred = [tuple(_centre(hole, axis, *limit) for axis, limit in enumerate(limits)) for hole in shared]
    return list(dict.fromkeys([*corners, *((x, y) for x, y in centred)]))


def _tile(todo: _Flags, hole: _Spans, size: tuple[int, int]) -> Iterator[tuple[int, int]]:
    """Yield the corners of windows that overlap and cover a hole; those in which nothing is masked are left out."""
    height, width = todo.shape
    for y in _positions(hole, 1, size[1], height):
        for x in _positions(hole, 0, size[0], width):
            if todo[y : y + size[1], x : x + size[0]].any():
                yield x, y


def _reach(hole: _Spans, axis: int, window: int, length: int) -> tuple[int, int]:
    """Return where a hole with its context begins and ends on an axis; beyond the picture there is no context."""
    context = round(window * CONTEXT)
    return max(0, hole[axis] - context), min(length, hole[axis + 2] + context)


def _count(hole: _Spans, axis: int, window: int, length: int) -> int:
    """Return how many windows cover a hole on an axis."""
    start, stop = _reach(hole, axis, window, length)
    overlap = round(2 * window * CONTEXT)
    return 1 if stop - start <= window else math.ceil((stop - start - overlap) / (window - overlap))


def _positions(hole: _Spans, axis: int, window: int, length: int) -> list[int]:
    """Return where the windows that cover a hole begin on an axis."""
    count = _count(hole, axis, window, length)
    if count == 1:
        return [_centre(hole, axis, window, length)]
    start, stop = _reach(hole, axis, window, length)
    return [round(position) for position in np.linspace(start, stop - window, count)]


def _centre(hole: _Spans, axis: int, window: int, length: int) -> int:
    """Return where a window begins that has a hole in its middle, as far as the picture reaches."""
    return min(max(0, (hole[axis] + hole[axis + 2] - window) // 2), max(0, length - window))


def _grow(
    mask: Mask, corners: Sequence[tuple[int, int]], size: tuple[int, int], megapixels: float
) -> list[PaintingWindow]:
    """Order windows so that the next one is always the one that knows most, and say what each paints."""
    todo, waiting, planned = mask > 0, list(corners), list[PaintingWindow]()
    while waiting:
        places = {(x, y): (slice(y, y + size[1]), slice(x, x + size[0])) for x, y in waiting}
        left = {corner: int(todo[place].sum()) for corner, place in places.items()}
        waiting = [corner for corner in waiting if left[corner]]
        if not waiting:
            break
        corner = min(waiting, key=lambda corner: left[corner])
        waiting.remove(corner)
        place = places[corner]
        wanted = cv2.dilate(todo[place].astype(np.uint8) * 255, np.ones((2 * SEAM + 1, 2 * SEAM + 1), np.uint8))
        planned.append(PaintingWindow(*corner, *size, megapixels, np.minimum(wanted, mask[place])))
        todo[place] = False
    return planned
