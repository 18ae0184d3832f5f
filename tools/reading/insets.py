"""Find closed frames inside a region: panels that no cut from edge to edge can separate.

An inset has four frame lines that end at each other. Every stroke of the region becomes a `StrokeProfile`; four of
them make a frame if each holds between the two that it meets. The region's own edges always hold, so a panel in a
corner of the region needs only two strokes. Windows and doors are closed frames as well. Therefore a panel's frame
must show paper outside, as at a gutter, along half of its strokes, and along three of them if it has four.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.domain import Point, Polygon
from tools.geometry import Line, Points, bounding_box, clip_polygon, overlap_area, polygon_area
from tools.reading.frame_lines import Candidate, line_through
from tools.reading.stroke_profile import StrokeProfile, strongest_strokes
from tools.reading.working_page import WorkingPage

HELD, FREE, KNOWN = 0.92, 0.6, 0.3
"""Shares of a side's columns: ink that holds it, paper outside that makes it free, and the least part in sight."""
LEAST_SIDE, LEAST_CORNER = 0.1, 0.15
"""Least width of a frame, as a share of the page's side.

A frame narrower than LEAST_SIDE is a sign or a caption. A frame in a corner of its region that rests on two strokes,
only one of them free, must be at least LEAST_CORNER wide.
"""
MOST_SHARE, MOST_WHOLE = 0.7, 0.85
"""A frame with more than this share of its region is the region itself.

A frame with four strokes of its own may be as large as MOST_WHOLE.
"""
MOST_RAILS = 12
"""Number of strokes of one direction that are tried as sides."""

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class _Side:
    """A line that may bound a frame, its normal pointing down or right: a stroke, or an edge of the region."""

    line: Line
    rail: StrokeProfile | None


def find_frames(sheet: WorkingPage, region: Points, near: Sequence[Candidate]) -> list[Polygon]:
    """Find closed frames inside a convex region.

    Args:
        sheet: The working page.
        region: Corners of the region, in pixels of the working page.
        near: Candidate lines that lie in the region.

    Returns:
        The frames, smallest first; no frame overlaps another by more than a little.
    """
    level = _sides(sheet, region, near, level=True)
    upright = _sides(sheet, region, near, level=False)
    if sum(side.rail is not None for side in level) == 0 or sum(side.rail is not None for side in upright) == 0:
        return []
    rows, row_free = _judged(level, upright)
    walls, wall_free = _judged(upright, level)
    pairs = (walls >= HELD).transpose(1, 2, 0)
    whole = (rows >= HELD)[:, None] & (rows >= HELD)[None] & pairs[:, :, :, None] & pairs[:, :, None]
    found: list[Polygon] = []
    for top, bottom, left, right in np.argwhere(whole):
        sides = (level[top], level[bottom], upright[left], upright[right])
        free = (
            row_free[0][top, left, right],
            row_free[1][bottom, left, right],
            wall_free[0][left, top, bottom],
            wall_free[1][right, top, bottom],
        )
        rails = sum(side.rail is not None for side in sides)
        least = _least_side(rails, sum(value >= FREE for value in free))
        most = MOST_WHOLE if rails == 4 else MOST_SHARE
        frame = _inside(sheet, region, sides, (least * sheet.side, most)) if least < 1 else ()
        if frame:
            found.append(frame)
    return apart(found)


def _least_side(rails: int, free: int) -> float:
    """Return how wide a frame must be, as a share of the page's side, by the number of its strokes and of free ones.

    1 means that no frame is wide enough.
    """
    if rails < 2 or 2 * free < rails or (rails == 4 and free < 3):
        return 1.0
    return LEAST_CORNER if free == 1 else LEAST_SIDE


def _sides(sheet: WorkingPage, region: Points, near: Sequence[Candidate], *, level: bool) -> list[_Side]:
    """Return the strokes and region edges of one direction, sorted from the top or the left."""
    sides = [_Side(rail.line, rail) for rail in strongest_strokes(sheet, region, near, level=level, most=MOST_RAILS)]
    for here, after in zip(region, [*region[1:], *region[:1]], strict=True):
        line = line_through(*here, *after)
        if (abs(line.ny) >= abs(line.nx)) == level and np.hypot(after[0] - here[0], after[1] - here[1]) > 20:
            sides.append(_Side(line, None))
    box = bounding_box(region)
    return sorted(sides, key=lambda side: side.line.distance(box.center) * -1)


def _judged(sides: list[_Side], across: list[_Side]) -> tuple[Reals, tuple[Reals, Reals]]:
    """Judge each side between every two lines across it.

    Returns:
        The share of ink that holds the side, and the shares of paper against and along its normal; (n, m, m) each.
    """
    n, m = len(sides), len(across)
    held = np.zeros((n, m, m))
    free = (np.zeros((n, m, m)), np.zeros((n, m, m)))
    for i, side in enumerate(sides):
        points = [_meeting(side.line, other.line) for other in across]
        if side.rail is None:
            held[i] = 1.0
        else:
            at = np.array([side.rail.place(point) for point in points])
            length = np.maximum(np.abs(at[None, :] - at[:, None]), 1)
            known = np.abs(side.rail.known[at][None, :] - side.rail.known[at][:, None])
            agreed = np.abs(side.rail.held[at][None, :] - side.rail.held[at][:, None])
            held[i] = np.where(known >= KNOWN * length, agreed / np.maximum(known, 1), 0.0)
            for way in (0, 1):
                paper = np.abs(side.rail.outside[way][at][None, :] - side.rail.outside[way][at][:, None])
                free[way][i] = paper / np.maximum(known, 1)
        order = np.array([_along(side.line, point) for point in points])
        held[i] = np.where(order[None, :] - order[:, None] > 20, held[i], 0.0)
    return held, free


def _meeting(a: Line, b: Line) -> Point:
    """Return the point where two lines cross, a point far away if they are parallel."""
    det = a.nx * b.ny - a.ny * b.nx
    if abs(det) < 1e-6:
        return (1e6, 1e6)
    return ((a.c * b.ny - b.c * a.ny) / det, (a.nx * b.c - b.nx * a.c) / det)


def _along(line: Line, point: Point) -> float:
    """Return the position of a point along a line, growing to the right or downwards."""
    step = (
        (abs(line.ny), -line.nx if line.ny > 0 else line.nx)
        if abs(line.ny) >= abs(line.nx)
        else (-line.ny, abs(line.nx))
    )
    return point[0] * step[0] + point[1] * step[1]


def _inside(sheet: WorkingPage, region: Points, sides: tuple[_Side, ...], limits: tuple[float, float]) -> Polygon:
    """Return the polygon inside four sides, () if it cannot be a panel.

    It must be no narrower than the first limit in pixels, no larger than the second as a share of the region, and more
    picture than lettering.
    """
    polygon: Polygon = tuple(region)
    for side, outward in zip(sides, (-1, 1, -1, 1), strict=True):
        if side.rail is not None:
            inner = side.line.offset(-outward * (side.rail.half + 0.5))
            polygon = clip_polygon(polygon, inner if outward > 0 else inner.flip()) if polygon else ()
    if not polygon:
        return ()
    box = bounding_box(polygon)
    if min(box.width, box.height) < limits[0] or polygon_area(polygon) > limits[1] * polygon_area(region):
        return ()
    hidden = sheet.unknown[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1]
    return polygon if float((hidden > 0).mean()) < 0.6 else ()


def apart(found: Sequence[Polygon], taken: Sequence[Polygon] = ()) -> list[Polygon]:
    """Return the frames that do not overlap, smallest first.

    A frame that overlaps a smaller one, or one of `taken`, is that frame with its surroundings and is left out.
    """
    kept: list[Polygon] = []
    for frame in sorted(found, key=polygon_area):
        box = bounding_box(frame)
        if all(
            overlap_area(box, bounding_box(other)) < 0.15 * min(polygon_area(frame), polygon_area(other))
            for other in (*taken, *kept)
        ):
            kept.append(frame)
    return kept
