"""Compare the geometry of boxes, polygons and lines with numbers worked out by hand."""

from __future__ import annotations

import pytest

from storage.domain import Box
from tools.geometry import (
    Line,
    bounding_box,
    box_polygon,
    chord,
    clip_polygon,
    clip_to_box,
    contains_point,
    gap,
    grow,
    iou,
    overlap_area,
    overlap_box,
    polygon_area,
    share_inside,
    union_box,
)

SQUARE = box_polygon(Box(0, 0, 10, 10))
TRIANGLE = ((0.0, 0.0), (10.0, 0.0), (0.0, 10.0))


def test_two_boxes_share_what_lies_in_both() -> None:
    a, b = Box(0, 0, 10, 10), Box(5, 5, 15, 25)
    assert overlap_box(a, b) == Box(5, 5, 10, 10)
    assert overlap_area(a, b) == 25
    assert iou(a, b) == pytest.approx(25 / (100 + 200 - 25))


def test_boxes_that_only_touch_share_nothing() -> None:
    assert overlap_box(Box(0, 0, 10, 10), Box(10, 0, 20, 10)) is None
    assert iou(Box(0, 0, 10, 10), Box(10, 0, 20, 10)) == 0


def test_the_gap_between_boxes_is_measured_from_corner_to_corner() -> None:
    assert gap(Box(0, 0, 1, 1), Box(4, 5, 6, 6)) == 5
    assert gap(Box(0, 0, 5, 5), Box(3, 3, 6, 6)) == 0


def test_boxes_grow_and_unite() -> None:
    assert grow(Box(5, 5, 6, 6), 1, 2) == Box(4, 3, 7, 8)
    assert union_box([Box(0, 4, 1, 5), Box(3, 0, 4, 1)]) == Box(0, 0, 4, 5)
    with pytest.raises(ValueError, match="no boxes"):
        union_box([])


def test_a_line_keeps_the_near_side_of_a_polygon() -> None:
    assert polygon_area(clip_polygon(SQUARE, Line(1, 0, 4))) == 40
    assert polygon_area(clip_polygon(SQUARE, Line(1, 0, 4).flip())) == 60
    assert clip_polygon(SQUARE, Line(1, 0, -1)) == ()
    assert polygon_area(clip_polygon(SQUARE, Line(1, 0, 4).offset(3))) == 70


def test_a_chord_runs_from_side_to_side() -> None:
    ends = chord(TRIANGLE, Line(0, 1, 4))
    assert ends is not None
    assert sorted(ends) == [(0.0, 4.0), (6.0, 4.0)]
    assert chord(SQUARE, Line(0, 1, 20)) is None


def test_shares_and_bounds_of_polygons() -> None:
    assert polygon_area(TRIANGLE) == 50
    assert polygon_area(tuple(reversed(TRIANGLE))) == 50
    assert bounding_box(TRIANGLE) == Box(0, 0, 10, 10)
    assert share_inside(Box(0, 0, 10, 10), TRIANGLE) == pytest.approx(0.5)
    assert polygon_area(clip_to_box(TRIANGLE, Box(0, 0, 5, 5))) == 25


def test_a_point_is_inside_or_not() -> None:
    assert contains_point(TRIANGLE, (2, 2))
    assert not contains_point(TRIANGLE, (8, 8))
