"""Pure geometry of boxes, polygons and straight lines."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import NamedTuple

from storage.domain import Box, Point, Polygon

Points = Sequence[Point]
"""The corners of a polygon."""


class Line(NamedTuple):
    """The straight line nx * x + ny * y = c; (nx, ny) is a unit normal that points to its far side."""

    nx: float
    ny: float
    c: float

    def distance(self, point: Point) -> float:
        """Return the signed distance of a point, positive on the far side."""
        return self.nx * point[0] + self.ny * point[1] - self.c

    def offset(self, by: float) -> Line:
        """Return the parallel line `by` further along the normal."""
        return Line(self.nx, self.ny, self.c + by)

    def flip(self) -> Line:
        """Return the same line with its sides exchanged."""
        return Line(-self.nx, -self.ny, -self.c)


def union_box(boxes: Iterable[Box]) -> Box:
    """Return the smallest box that holds all `boxes`.

    Raises:
        ValueError: There are no boxes.
    """
    all_boxes = list(boxes)
    if not all_boxes:
        raise ValueError("the union of no boxes is no box")
    return Box(
        min(b.x0 for b in all_boxes),
        min(b.y0 for b in all_boxes),
        max(b.x1 for b in all_boxes),
        max(b.y1 for b in all_boxes),
    )


def overlap_box(a: Box, b: Box) -> Box | None:
    """Return the part that two boxes share, None if they only touch or lie apart."""
    box = Box(max(a.x0, b.x0), max(a.y0, b.y0), min(a.x1, b.x1), min(a.y1, b.y1))
    return box if box.x0 < box.x1 and box.y0 < box.y1 else None


def overlap_area(a: Box, b: Box) -> float:
    """Return the area that two boxes share."""
    shared = overlap_box(a, b)
    return shared.area if shared else 0.0


def iou(a: Box, b: Box) -> float:
    """Return the intersection over union of two boxes, 0..1."""
    shared = overlap_area(a, b)
    return shared / max(a.area + b.area - shared, 1e-9)


def grow(box: Box, dx: float, dy: float) -> Box:
    """Return the box with `dx` added left and right and `dy` above and below."""
    return Box(box.x0 - dx, box.y0 - dy, box.x1 + dx, box.y1 + dy)


def gap(a: Box, b: Box) -> float:
    """Return the distance between the nearest points of two boxes, 0 if they touch or overlap."""
    dx = max(a.x0 - b.x1, b.x0 - a.x1, 0.0)
    dy = max(a.y0 - b.y1, b.y0 - a.y1, 0.0)
    return float((dx * dx + dy * dy) ** 0.5)


def box_polygon(box: Box) -> Polygon:
    """Return the corners of a box, clockwise on screen from the top left."""
    return (box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1)


def bounding_box(points: Points) -> Box:
    """Return the box around a polygon.

    Raises:
        ValueError: The polygon is empty.
    """
    if not points:
        raise ValueError("an empty polygon has no bounds")
    xs, ys = [p[0] for p in points], [p[1] for p in points]
    return Box(min(xs), min(ys), max(xs), max(ys))


def polygon_area(points: Points) -> float:
    """Return the area of a simple polygon, whatever its direction."""
    twice = (
        sum(p[0] * q[1] - q[0] * p[1] for p, q in zip(points, [*points[1:], points[0]], strict=True)) if points else 0.0
    )
    return abs(twice) / 2


def clip_polygon(points: Points, line: Line) -> Polygon:
    """Return the part of a convex polygon on the near side of `line`, () for none (Sutherland and Hodgman, 1974)."""
    corners: list[Point] = []
    for start, end in zip(points, [*points[1:], *points[:1]], strict=True):
        start_distance, end_distance = line.distance(start), line.distance(end)
        if start_distance <= 0:
            corners.append(start)
        if (start_distance < 0 < end_distance) or (end_distance < 0 < start_distance):
            t = start_distance / (start_distance - end_distance)
            corners.append((start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1])))
    return tuple(corners) if len(corners) >= 3 else ()


def clip_to_box(points: Points, box: Box) -> Polygon:
    """Return the part of a convex polygon inside `box`, () for none."""
    clipped: Polygon = tuple(points)
    for axis, side, edge in ((0, 1, box.x1), (0, -1, box.x0), (1, 1, box.y1), (1, -1, box.y0)):
        clipped = _clip_to_edge(clipped, axis, side, edge) if clipped else ()
    return clipped


def _clip_to_edge(points: Polygon, axis: int, side: int, edge: float) -> Polygon:
    """Return what `clip_polygon` does for an upright or level line, mostly without looking at each side of the polygon.

    Plans measure thousands of views, most of which hold a polygon wholly or not at all.
    """
    distances = [side * (point[axis] - edge) for point in points]
    if max(distances) <= 0 and len(points) >= 3:
        return points
    if min(distances) > 0:
        return ()
    nx, ny = (side, 0) if axis == 0 else (0, side)
    return clip_polygon(points, Line(nx, ny, side * edge))


def chord(points: Points, line: Line) -> tuple[Point, Point] | None:
    """Return the points where a line enters and leaves a convex polygon, None if it misses; ordered along (-ny, nx)."""
    hits: list[tuple[float, Point]] = []
    for start, end in zip(points, [*points[1:], *points[:1]], strict=True):
        start_distance, end_distance = line.distance(start), line.distance(end)
        if (
            start_distance <= 0 <= end_distance or end_distance <= 0 <= start_distance
        ) and start_distance != end_distance:
            t = start_distance / (start_distance - end_distance)
            hit = (start[0] + t * (end[0] - start[0]), start[1] + t * (end[1] - start[1]))
            hits.append((-line.ny * hit[0] + line.nx * hit[1], hit))
    if len(hits) < 2:
        return None
    first, last = min(hits), max(hits)
    return (first[1], last[1]) if last[0] - first[0] > 1e-6 else None


def share_inside(box: Box, points: Points) -> float:
    """Return the share of a box's area that lies inside a convex polygon, 0..1."""
    inside = clip_to_box(points, box)
    return polygon_area(inside) / max(box.area, 1e-9) if inside else 0.0


def contains_point(points: Points, point: Point) -> bool:
    """Return whether a point lies inside a simple polygon (even-odd rule)."""
    inside = False
    for (x0, y0), (x1, y1) in zip(points, [*points[1:], *points[:1]], strict=True):
        if (y0 > point[1]) != (y1 > point[1]) and point[0] < x0 + (point[1] - y0) / (y1 - y0) * (x1 - x0):
            inside = not inside
    return inside


def convex_hull(points: Points) -> Polygon:
    """Return the smallest convex polygon around `points`, clockwise on screen (Andrew, 1979).

    Points on one line give fewer than three corners.
    """
    ordered = sorted(set(points))
    if len(ordered) < 3:
        return tuple(ordered)
    return tuple(_half_hull(ordered)[:-1] + _half_hull(ordered[::-1])[:-1])


def _half_hull(ordered: Points) -> list[Point]:
    """Return the corners that turn clockwise on screen, from the first point to the last."""
    corners: list[Point] = []
    for x, y in ordered:
        while len(corners) >= 2:
            (ax, ay), (bx, by) = corners[-2:]
            if (bx - ax) * (y - ay) - (by - ay) * (x - ax) > 0:
                break
            corners.pop()
        corners.append((x, y))
    return corners
