"""Move the sides of a panel's polygon inwards past its frame lines.

A cut along the outer side of a gutter, or a trim to the ink, leaves the frame line inside the polygon. Only the
picture is filmed, so every side moves inwards past a stroke that runs along it.
"""

from __future__ import annotations

import numpy as np

from storage.domain import Polygon
from tools.geometry import Line, bounding_box, clip_polygon
from tools.reading.edge_evidence import INK, sample_strip
from tools.reading.working_page import WorkingPage

SEARCH_DEPTH = 10
"""A stroke is searched this many pixels behind a side."""
MIN_COVERAGE, MAX_THICKNESS = 0.85, 7
"""Limits of a frame line: the share of its side that it covers, and its thickness in pixels; more is a dark picture."""


def trim_frame_lines(page: WorkingPage, polygon: Polygon) -> Polygon:
    """Return the polygon, in pixels of the working page, with each side moved inwards past the stroke along it.

    Sides without a stroke stay where they are.
    """
    middle = bounding_box(polygon).center
    inner = polygon
    for start, end in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
        if length < 2 * SEARCH_DEPTH or _is_at_border(page, start, end):
            continue
        nx, ny = -(end[1] - start[1]) / length, (end[0] - start[0]) / length
        outward = Line(nx, ny, nx * start[0] + ny * start[1])
        if outward.distance(middle) > 0:
            outward = outward.flip()
        depth = _stroke_depth(page, outward, start, end)
        if depth and inner:
            inner = clip_polygon(inner, outward.offset(-depth)) or inner
    return inner


def _is_at_border(page: WorkingPage, start: tuple[float, float], end: tuple[float, float]) -> bool:
    """Return whether a side lies on the page's border, where there can be no frame."""
    return any(
        (start[axis] < 2 and end[axis] < 2) or (start[axis] > size - 2 and end[axis] > size - 2)
        for axis, size in ((0, page.width), (1, page.height))
    )


def _stroke_depth(page: WorkingPage, outward: Line, start: tuple[float, float], end: tuple[float, float]) -> float:
    """Return how far inwards the stroke along a side ends in pixels, 0 if there is none."""
    strip, hidden = sample_strip(page, outward, start, end, SEARCH_DEPTH)
    inner = strip[: SEARCH_DEPTH + 1][::-1]
    ends = slice(SEARCH_DEPTH, max(SEARCH_DEPTH + 1, inner.shape[1] - SEARCH_DEPTH))
    visible = inner[:, ends][:, ~hidden[ends]]
    if visible.shape[1] < 10:
        return 0.0
    dark = (visible < INK).mean(axis=1) >= MIN_COVERAGE
    if not dark.any():
        return 0.0
    first = int(dark.argmax())
    last = first
    while last + 1 < len(dark) and dark[last + 1]:
        last += 1
    return float(last + 1) if last - first < MAX_THICKNESS and last < SEARCH_DEPTH else 0.0
