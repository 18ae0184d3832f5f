"""Compute camera boxes of the film's aspect ratio around boxes on a page. Pure geometry."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from functools import lru_cache

from storage.domain import Box, Panel, Point, Polygon, VideoFormat
from tools import geometry

GRID = 24
SLIDES = 9
"""Places along a side at which a view is tried."""
MAX_MAGNIFICATION = 4.6
"""Film pixels (1080 lines) for a page pixel, at most: nearer, the lines of a page look soft."""


def center_box(center: Point, width: float, aspect: float) -> Box:
    """Return the camera box of `width` page pixels around a point."""
    x, y = center
    height = width / aspect
    return Box(x - width / 2, y - height / 2, x + width / 2, y + height / 2)


def fit_box(box: Box, aspect: float, air: float = 0.0) -> Box:
    """Return the smallest camera box that holds `box`, with `air` (a share of it) around it."""
    return center_box(box.center, max(box.width, box.height * aspect) * (1 + 2 * air), aspect)


def cover_box(box: Box, aspect: float) -> Box:
    """Return the largest camera box inside `box`, centred."""
    return center_box(box.center, min(box.width, box.height * aspect), aspect)


def shift_box(box: Box, dx: float, dy: float) -> Box:
    """Return the box moved by (dx, dy)."""
    return Box(box.x0 + dx, box.y0 + dy, box.x1 + dx, box.y1 + dy)


def scale_box(box: Box, by: float, toward: Point | None = None) -> Box:
    """Return the box scaled by a factor; the point `toward` keeps its place in the picture."""
    x, y = toward or box.center
    return Box(x + (box.x0 - x) * by, y + (box.y0 - y) * by, x + (box.x1 - x) * by, y + (box.y1 - y) * by)


def closest_side(share: float, unit: float) -> float:
    """Return the shorter side of the closest camera box that may be, in page pixels.

    Args:
        share: The least length of that side, as a share of the page's width.
        unit: The page's width in pixels; small pages are magnified by no more than `MAX_MAGNIFICATION`.
    """
    return max(share * unit, 1080 / MAX_MAGNIFICATION)


def slides(at: float, length: float, held: tuple[float, float], inner: tuple[float, float]) -> list[float]:
    """Return places for a view along one side, the present one first.

    Args:
        at: Where the view begins.
        length: The length of its side.
        held: What stays in view at each of the other places, from its beginning to its end.
        inner: Where the middle of the view stays at each of the other places.
    """
    low = max(held[1] - length, inner[0] - length / 2)
    high = min(held[0], inner[1] - length / 2)
    if low >= high:
        return [at]
    return [at, *(low + (high - low) * step / (SLIDES - 1) for step in range(SLIDES))]


def clamp(low: float, value: float, high: float) -> float:
    """Return the value limited to two bounds, or their middle where they cross."""
    return (low + high) / 2 if low > high else min(high, max(low, value))


def shift_to_hold(view: Box, target: Box) -> Box:
    """Return the view moved as little as needed to hold `target`.

    Along a side where `target` is longer than the view, the view is centred on it.
    """
    x0 = clamp(target.x1 - view.width, view.x0, target.x0)
    y0 = clamp(target.y1 - view.height, view.y0, target.y0)
    return Box(x0, y0, x0 + view.width, y0 + view.height)


def holds(view: Box, target: Box, slack: float = 1e-6) -> bool:
    """Return whether `target` lies wholly in the view."""
    return (
        view.x0 <= target.x0 + slack
        and view.y0 <= target.y0 + slack
        and view.x1 >= target.x1 - slack
        and view.y1 >= target.y1 - slack
    )


def contains_point(point: Point, box: Box) -> bool:
    """Return whether a point lies in a box."""
    return box.x0 <= point[0] <= box.x1 and box.y0 <= point[1] <= box.y1


def share_seen(view: Box, box: Box) -> float:
    """Return the share of a box that a view shows, 0..1."""
    return geometry.overlap_area(view, box) / max(box.area, 1e-9)


def share_seen_in_all(views: Sequence[Box], box: Box) -> float:
    """Return the share of a box that at least one view shows, counted on a grid of 24 x 24 points."""
    xs = [box.x0 + (i + 0.5) / GRID * box.width for i in range(GRID)]
    columns = [(view, sum(1 << i for i, x in enumerate(xs) if view.x0 <= x <= view.x1)) for view in views]
    seen = 0
    for j in range(GRID):
        y = box.y0 + (j + 0.5) / GRID * box.height
        row = 0
        for view, bits in columns:
            if view.y0 <= y <= view.y1:
                row |= bits
        seen += row.bit_count()
    return seen / GRID**2


def panel_polygon(panel: Panel) -> Polygon:
    """Return the panel's polygon, or its box where it has none."""
    return panel.polygon if len(panel.polygon) >= 3 else geometry.box_polygon(panel.box)


def filled_share(view: Box, pictures: Iterable[Polygon]) -> float:
    """Return the share of a view that the pictures fill, 0..1. Pictures must be convex and hardly overlap."""
    total = sum(_area_inside(picture, view) for picture in pictures)
    return min(1.0, total / view.area)


def lit_share(view: Box, page: Box, unlit: Iterable[Polygon]) -> float:
    """Return the share of a view that shows the page, without the panels on it that come later (`unlit`), 0..1."""
    dark = sum(_area_inside(panel, view) for panel in unlit)
    return min(1.0, max(0.0, geometry.overlap_area(view, page) - dark) / view.area)


def _area_inside(polygon: Polygon, view: Box) -> float:
    """Return the area of the part of a convex polygon inside a view; polygons wholly in or out are not clipped."""
    (x0, y0, x1, y1), area = _bounds_and_area(polygon)
    if x0 > view.x1 or x1 < view.x0 or y0 > view.y1 or y1 < view.y0:
        return 0.0
    if view.x0 <= x0 and x1 <= view.x1 and view.y0 <= y0 and y1 <= view.y1:
        return area
    return geometry.polygon_area(geometry.clip_to_box(polygon, view))


@lru_cache(maxsize=256)
def _bounds_and_area(polygon: Polygon) -> tuple[Box, float]:
    return geometry.bounding_box(polygon), geometry.polygon_area(polygon)


def film_scale(view: Box, screen: VideoFormat) -> float:
    """Return film pixels per page pixel, in a film whose shorter side has 1080 pixels."""
    return magnification(view, screen) * 1080 / min(screen.width, screen.height)


def magnification(view: Box, screen: VideoFormat) -> float:
    """Return film pixels per page pixel."""
    return screen.width / view.width


def film_distance(a: Box, b: Box, screen: VideoFormat) -> float:
    """Return how far the picture travels on the film between two views, in pixels of a film of 1080 lines.

    It is the path of the centre at the mean magnification, plus for a zoom the path of a point halfway to the corners.
    """
    (ax, ay), (bx, by) = a.center, b.center
    scale = math.sqrt(film_scale(a, screen) * film_scale(b, screen))
    corner = math.hypot(screen.width, screen.height) * 1080 / min(screen.width, screen.height) / 2
    return math.hypot(bx - ax, by - ay) * scale + abs(math.log(b.width / a.width)) * corner / 2


def center_outside(panel: Box, strangers: Sequence[Box], target: Point | None = None) -> Point:
    """Return the point of a panel closest to `target` (or its middle) that lies in none of the `strangers`.

    Where they leave no room, `target` itself is returned.
    """
    target = target or panel.center
    near = [box for box in strangers if geometry.overlap_area(box, panel) > 0]
    if not any(contains_point(target, box) for box in near):
        return target
    clear_x, clear_y = panel.width * 0.03, panel.height * 0.03
    xs = [target[0], *(x + d for box in near for x in (box.x0, box.x1) for d in (-clear_x, clear_x))]
    ys = [target[1], *(y + d for box in near for y in (box.y0, box.y1) for d in (-clear_y, clear_y))]
    within = geometry.grow(panel, -clear_x, -clear_y)
    free = [
        (x, y)
        for x in xs
        for y in ys
        if contains_point((x, y), within) and not any(contains_point((x, y), b) for b in near)
    ]
    return min(
        free,
        key=lambda p: math.hypot((p[0] - target[0]) / panel.width, (p[1] - target[1]) / panel.height),
        default=target,
    )


def fit_around(center: Point, target: Box, aspect: float, air: float = 0.0) -> Box:
    """Return the smallest camera box centred on a point that holds `target` with air around it."""
    x, y = center
    half_w = max(x - target.x0, target.x1 - x) + target.width * air
    half_h = max(y - target.y0, target.y1 - y) + target.height * air
    return center_box(center, 2 * max(half_w, half_h * aspect), aspect)
