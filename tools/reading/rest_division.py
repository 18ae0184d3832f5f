"""Find the panels beside a frame, which no line across the whole region can separate.

Where a figure stands over some panels, the frames that are found take a corner or a side of their region. Beside such
a frame the layout goes on: the next panel ends at a line that runs from the frame to an edge of the region, where the
frame itself ends or before. So the part of the region beside each side of a frame is divided like a page of its own.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from storage.domain import Polygon
from tools.geometry import Points, bounding_box, clip_polygon, polygon_area
from tools.reading.edge_score import PageStyle
from tools.reading.frame_lines import Candidate, line_through
from tools.reading.page_division import MAX_MARGIN, Region, divide_region, thickness
from tools.reading.working_page import WorkingPage

MIN_SIDE = 0.15
"""A panel beside a frame is no narrower than this share of the page's side."""
MIN_REGION_SHARE, MAX_REGION_SHARE = 0.3, 0.6
"""A smaller region, as a share of the page, is not divided; a panel beside a frame covers less of its region."""
MIN_BESIDE = 0.6
"""Least share of a panel's side that lies beside the frame."""
GUTTER = 0.02
"""A panel begins so near the frame beside it, as a share of the page's side."""
MAX_OVERLAP = 0.15
"""A panel shares no more of its area with a frame, or with a smaller panel beside one."""


def find_panels_beside(
    page: WorkingPage, region: Points, frames: Sequence[Polygon], near: Sequence[Candidate], style: PageStyle
) -> list[Polygon]:
    """Find panels that lie beside the frames of a region.

    Args:
        page: The working page.
        region: Corners of the region, in pixels of the working page.
        frames: The frames that are found in it.
        near: Candidate lines that lie in the region.
        style: How the frames of the page are drawn.

    Returns:
        The panels, smallest first; none overlaps another, or a frame, by more than a little.
    """
    area = polygon_area(region)
    if area < MIN_REGION_SHARE * page.grey.size:
        return []
    found = [
        part
        for frame in frames
        for start, end in zip(frame, [*frame[1:], *frame[:1]], strict=True)
        for part in _divide_beside(page, region, frame, (start, end), near, style)
        if thickness(part) >= MIN_SIDE * page.side and polygon_area(part) <= MAX_REGION_SHARE * area
    ]
    distinct: list[Polygon] = []
    for part in sorted(found, key=polygon_area):
        if all(_overlap(part, other) < MAX_OVERLAP * polygon_area(part) for other in (*frames, *distinct)):
            distinct.append(part)
    return distinct


def _overlap(first: Polygon, second: Polygon) -> float:
    """Return the area that two convex polygons share, in square pixels."""
    middle = bounding_box(second).center
    shared: Polygon = first
    for start, end in zip(second, [*second[1:], *second[:1]], strict=True):
        line = line_through(*start, *end)
        shared = clip_polygon(shared, line if line.distance(middle) < 0 else line.flip()) if shared else ()
    return polygon_area(shared) if shared else 0.0


def _divide_beside(
    page: WorkingPage,
    region: Points,
    frame: Polygon,
    side: tuple[tuple[float, float], tuple[float, float]],
    near: Sequence[Candidate],
    style: PageStyle,
) -> Iterator[Polygon]:
    """Yield the parts of the region beyond one side of a frame that lie beside the frame."""
    (x0, y0), (x1, y1) = side
    length = float(np.hypot(x1 - x0, y1 - y0))
    if length < MIN_SIDE * page.side:
        return
    along = np.array([x1 - x0, y1 - y0]) / length
    outward = line_through(x0, y0, x1, y1)
    if outward.distance(bounding_box(frame).center) > 0:
        outward = outward.flip()
    beyond = clip_polygon(region, outward.flip())
    if not beyond or thickness(beyond) < MIN_SIDE * page.side:
        return
    parts = divide_region(page, Region(beyond), near, style)
    for part in parts if len(parts) > 1 else ():
        places = [
            float((np.array(point) - (x0, y0)) @ along)
            for point in part.polygon
            if abs(outward.distance(point)) < GUTTER * page.side
        ]
        if len(places) > 1:
            low, high = min(places), max(places)
            if min(high, length) - max(low, 0.0) >= MIN_BESIDE * (high - low):
                yield _with_margins(page, beyond, part.polygon)


def _with_margins(page: WorkingPage, region: Polygon, part: Polygon) -> Polygon:
    """Return a part of a region with the margins beside it, into which its figures lean."""
    middle, whole = bounding_box(part).center, region
    for start, end in zip(part, [*part[1:], *part[:1]], strict=True):
        line = line_through(*start, *end)
        line = line if line.distance(middle) < 0 else line.flip()
        if thickness(clip_polygon(region, line.flip())) >= MAX_MARGIN * page.side:
            whole = clip_polygon(whole, line) if whole else ()
    return whole
