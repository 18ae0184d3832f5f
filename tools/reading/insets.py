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
from tools.reading.stroke_profile import StrokeProfile, find_strongest_strokes
from tools.reading.working_page import WorkingPage

MIN_HELD, MIN_FREE, MIN_KNOWN = 0.92, 0.6, 0.3
"""Shares of a side's columns: ink that holds it, paper outside that makes it free, and the least part in sight."""
MIN_SIDE, MIN_CORNER_SIDE = 0.1, 0.15
"""Least width of a frame, as a share of the page's side.

A frame narrower than MIN_SIDE is a sign or a caption. A frame in a corner of its region that rests on two strokes,
only one of them free, must be at least MIN_CORNER_SIDE wide.
"""
MAX_REGION_SHARE, MAX_WHOLE_SHARE = 0.7, 0.85
"""A frame with more than this share of its region is the region itself.

A frame with four strokes of its own may be as large as MAX_WHOLE_SHARE.
"""
MAX_STROKES = 12
"""Number of strokes of one direction that are tried as sides."""
MAX_TOTAL_LEAN = 0.2
"""A frame leans no more, its level and its upright sides together; the strokes of a drawn letter do."""
EDGE_STRIP = 0.01
"""A stroke with a narrower strip beside it, as a share of the page's side, is an edge of the region itself."""

Reals = NDArray[np.float64]


@dataclass(frozen=True)
class _Side:
    """A line that may bound a frame, its normal pointing down or right: a stroke, or an edge of the region."""

    line: Line
    profile: StrokeProfile | None


def find_frames(page: WorkingPage, region: Points, near: Sequence[Candidate]) -> list[Polygon]:
    """Find closed frames inside a convex region.

    Args:
        page: The working page.
        region: Corners of the region, in pixels of the working page.
        near: Candidate lines that lie in the region.

    Returns:
        The frames, smallest first; no frame overlaps another by more than a little.
    """
    level = _find_sides(page, region, near, level=True)
    upright = _find_sides(page, region, near, level=False)
    if sum(side.profile is not None for side in level) == 0 or sum(side.profile is not None for side in upright) == 0:
        return []
    rows, row_free = _judge_sides(level, upright)
    walls, wall_free = _judge_sides(upright, level)
    pairs = (walls >= MIN_HELD).transpose(1, 2, 0)
    whole = (rows >= MIN_HELD)[:, None] & (rows >= MIN_HELD)[None] & pairs[:, :, :, None] & pairs[:, :, None]
    frames: list[Polygon] = []
    for top, bottom, left, right in np.argwhere(whole):
        sides = (level[top], level[bottom], upright[left], upright[right])
        free = (
            row_free[0][top, left, right],
            row_free[1][bottom, left, right],
            wall_free[0][left, top, bottom],
            wall_free[1][right, top, bottom],
        )
        stroke_count = sum(side.profile is not None for side in sides)
        if _total_lean(sides) > MAX_TOTAL_LEAN:
            continue
        min_side = _min_side(stroke_count, sum(value >= MIN_FREE for value in free))
        max_share = MAX_WHOLE_SHARE if stroke_count == 4 else MAX_REGION_SHARE
        frame = _frame_polygon(page, region, sides, (min_side * page.side, max_share)) if min_side < 1 else ()
        if frame:
            frames.append(frame)
    return drop_overlapping(frames)


def _total_lean(sides: Sequence[_Side]) -> float:
    """Return by how much a frame's level and upright strokes lean together, as the sum of two sines."""
    leans = [0.0 if side.profile is None else min(abs(side.line.nx), abs(side.line.ny)) for side in sides]
    return max(leans[:2]) + max(leans[2:])


def _min_side(stroke_count: int, free: int) -> float:
    """Return how wide a frame must be, as a share of the page's side, by the number of its strokes and of free ones.

    1 means that no frame is wide enough.
    """
    if stroke_count < 2 or 2 * free < stroke_count or (stroke_count == 4 and free < 3):
        return 1.0
    return MIN_CORNER_SIDE if free == 1 else MIN_SIDE


def _find_sides(page: WorkingPage, region: Points, near: Sequence[Candidate], *, level: bool) -> list[_Side]:
    """Return the strokes and region edges of one direction, sorted from the top or the left."""
    sides = [
        _Side(profile.line, profile)
        for profile in find_strongest_strokes(page, region, near, level=level, most=MAX_STROKES)
        if not _is_edge(profile, region, EDGE_STRIP * page.side)
    ]
    for start, end in zip(region, [*region[1:], *region[:1]], strict=True):
        line = line_through(*start, *end)
        if (abs(line.ny) >= abs(line.nx)) == level and np.hypot(end[0] - start[0], end[1] - start[1]) > 20:
            sides.append(_Side(line, None))
    box = bounding_box(region)
    return sorted(sides, key=lambda side: side.line.distance(box.center) * -1)


def _is_edge(profile: StrokeProfile, region: Points, strip: float) -> bool:
    """Return whether a stroke is an edge of the region itself: no more than a strip of it lies beyond the stroke."""
    distances = [profile.line.distance(corner) for corner in region]
    return max(distances) < strip or min(distances) > -strip


def _judge_sides(sides: list[_Side], across: list[_Side]) -> tuple[Reals, tuple[Reals, Reals]]:
    """Judge each side between every two lines across it.

    Returns:
        The share of ink that holds the side, and the shares of paper against and along its normal; (n, m, m) each.
    """
    n, m = len(sides), len(across)
    held = np.zeros((n, m, m))
    free = (np.zeros((n, m, m)), np.zeros((n, m, m)))
    for i, side in enumerate(sides):
        points = [_intersection(side.line, other.line) for other in across]
        if side.profile is None:
            held[i] = 1.0
        else:
            columns = np.array([side.profile.place(point) for point in points])
            length = np.maximum(np.abs(columns[None, :] - columns[:, None]), 1)
            known = np.abs(side.profile.known[columns][None, :] - side.profile.known[columns][:, None])
            agreed = np.abs(side.profile.held[columns][None, :] - side.profile.held[columns][:, None])
            held[i] = np.where(known >= MIN_KNOWN * length, agreed / np.maximum(known, 1), 0.0)
            for way in (0, 1):
                paper = np.abs(
                    side.profile.outside[way][columns][None, :] - side.profile.outside[way][columns][:, None]
                )
                free[way][i] = paper / np.maximum(known, 1)
        order = np.array([_position_along(side.line, point) for point in points])
        held[i] = np.where(order[None, :] - order[:, None] > 20, held[i], 0.0)
    return held, free


def _intersection(a: Line, b: Line) -> Point:
    """Return the point where two lines cross, a point far away if they are parallel."""
    det = a.nx * b.ny - a.ny * b.nx
    if abs(det) < 1e-6:
        return (1e6, 1e6)
    return ((a.c * b.ny - b.c * a.ny) / det, (a.nx * b.c - b.nx * a.c) / det)


def _position_along(line: Line, point: Point) -> float:
    """Return the position of a point along a line, growing to the right or downwards."""
    step = (
        (abs(line.ny), -line.nx if line.ny > 0 else line.nx)
        if abs(line.ny) >= abs(line.nx)
        else (-line.ny, abs(line.nx))
    )
    return point[0] * step[0] + point[1] * step[1]


def _frame_polygon(page: WorkingPage, region: Points, sides: tuple[_Side, ...], limits: tuple[float, float]) -> Polygon:
    """Return the polygon inside four sides, () if it cannot be a panel.

    It must be no narrower than the first limit in pixels, no larger than the second as a share of the region, and more
    picture than lettering.
    """
    polygon: Polygon = tuple(region)
    for side, outward in zip(sides, (-1, 1, -1, 1), strict=True):
        if side.profile is not None:
            inner = side.line.offset(-outward * (side.profile.half + 0.5))
            polygon = clip_polygon(polygon, inner if outward > 0 else inner.flip()) if polygon else ()
    if not polygon:
        return ()
    box = bounding_box(polygon)
    if min(box.width, box.height) < limits[0] or polygon_area(polygon) > limits[1] * polygon_area(region):
        return ()
    hidden = page.unknown[int(box.y0) : int(box.y1) + 1, int(box.x0) : int(box.x1) + 1]
    return polygon if float((hidden > 0).mean()) < 0.6 else ()


def drop_overlapping(frames: Sequence[Polygon], taken: Sequence[Polygon] = ()) -> list[Polygon]:
    """Return the frames that do not overlap, smallest first.

    A frame that overlaps a smaller one, or one of `taken`, is that frame with its surroundings and is left out.
    """
    distinct: list[Polygon] = []
    for frame in sorted(frames, key=polygon_area):
        box = bounding_box(frame)
        if all(
            overlap_area(box, bounding_box(other)) < 0.15 * min(polygon_area(frame), polygon_area(other))
            for other in (*taken, *distinct)
        ):
            distinct.append(frame)
    return distinct
