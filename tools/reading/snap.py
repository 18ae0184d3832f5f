"""Move the sides of a panel's polygon inwards past its frame lines.

A cut along the outer side of a gutter, or a trim to the ink, leaves the frame line inside the polygon. Only the
picture is filmed, so every side moves inwards past a stroke that runs along it.
"""

from __future__ import annotations

import numpy as np

from storage.domain import Polygon
from tools.geometry import Line, bounding_box, clip_polygon
from tools.reading.evidence import INK, sample
from tools.reading.working_page import WorkingPage

DEPTH = 10
"""A stroke is searched this many pixels behind a side."""
RUNS, THICKEST = 0.85, 7
"""Limits of a frame line: the share of its side that it covers, and its thickness in pixels; more is a dark picture."""


def behind_frame(sheet: WorkingPage, polygon: Polygon) -> Polygon:
    """Return the polygon, in pixels of the working page, with each side moved inwards past the stroke along it.

    Sides without a stroke stay where they are.
    """
    middle = bounding_box(polygon).center
    kept = polygon
    for here, after in zip(polygon, [*polygon[1:], *polygon[:1]], strict=True):
        length = float(np.hypot(after[0] - here[0], after[1] - here[1]))
        if length < 2 * DEPTH or _at_border(sheet, here, after):
            continue
        nx, ny = -(after[1] - here[1]) / length, (after[0] - here[0]) / length
        outward = Line(nx, ny, nx * here[0] + ny * here[1])
        if outward.distance(middle) > 0:
            outward = outward.flip()
        depth = _stroke_depth(sheet, outward, here, after)
        if depth and kept:
            kept = clip_polygon(kept, outward.offset(-depth)) or kept
    return kept


def _at_border(sheet: WorkingPage, here: tuple[float, float], after: tuple[float, float]) -> bool:
    """Return whether a side lies on the page's border, where there can be no frame."""
    return any(
        (here[axis] < 2 and after[axis] < 2) or (here[axis] > size - 2 and after[axis] > size - 2)
        for axis, size in ((0, sheet.width), (1, sheet.height))
    )


def _stroke_depth(sheet: WorkingPage, outward: Line, here: tuple[float, float], after: tuple[float, float]) -> float:
    """Return how far inwards the stroke along a side ends in pixels, 0 if there is none."""
    strip, hidden = sample(sheet, outward, here, after, DEPTH)
    inner = strip[: DEPTH + 1][::-1]
    ends = slice(DEPTH, max(DEPTH + 1, inner.shape[1] - DEPTH))
    seen = inner[:, ends][:, ~hidden[ends]]
    if seen.shape[1] < 10:
        return 0.0
    dark = (seen < INK).mean(axis=1) >= RUNS
    if not dark.any():
        return 0.0
    first = int(dark.argmax())
    last = first
    while last + 1 < len(dark) and dark[last + 1]:
        last += 1
    return float(last + 1) if last - first < THICKEST and last < DEPTH else 0.0
