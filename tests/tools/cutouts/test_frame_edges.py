"""Test that the edges of a polygon are moved to the drawn frame."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tests.tools.drawings import LEFT, page
from tools.cutouts.frame_edges import snap_to_frame
from tools.geometry import box_polygon
from tools.pixels import to_grey


def bounds(polygon: tuple[tuple[float, float], ...]) -> list[float]:
    xs, ys = zip(*polygon, strict=True)
    return [min(xs), min(ys), max(xs), max(ys)]


@pytest.mark.parametrize("line", [2, 5, 9])
@pytest.mark.parametrize("off", [-3.0, 0.0, 4.0])
def test_edges_go_to_the_inner_side_of_the_frame_line_whatever_its_thickness(line: int, off: float) -> None:
    loose = Box(LEFT.x0 - off, LEFT.y0 - off, LEFT.x1 + off, LEFT.y1 + off)
    found = bounds(snap_to_frame(to_grey(page(line)), box_polygon(loose), line=False))
    assert found == pytest.approx([LEFT.x0 + line, LEFT.y0 + line, LEFT.x1 - line, LEFT.y1 - line], abs=1.3)


def test_with_its_line_the_frame_is_cut_at_its_outer_side() -> None:
    loose = Box(LEFT.x0 + 2, LEFT.y0 + 2, LEFT.x1 - 2, LEFT.y1 - 2)
    assert bounds(snap_to_frame(to_grey(page(5)), box_polygon(loose), line=True)) == pytest.approx(list(LEFT), abs=1.6)


def test_a_black_gutter_is_left_outside() -> None:
    loose = Box(LEFT.x0 - 4, LEFT.y0 - 4, LEFT.x1 + 4, LEFT.y1 + 4)
    found = bounds(snap_to_frame(to_grey(page(3, gutter=0)), box_polygon(loose), line=False))
    assert found == pytest.approx([LEFT.x0 + 3, LEFT.y0 + 3, LEFT.x1 - 3, LEFT.y1 - 3], abs=1.3)


def test_a_frame_that_is_slightly_turned_against_the_polygon_is_followed() -> None:
    tone = np.full((400, 600), 255, np.uint8)
    tone[60:340, 60:500] = 180
    for x in range(60, 500):  # the upper frame line falls by 5 pixels over the panel's width
        y = 58 + round(5 * (x - 60) / 440)
        tone[:y, x], tone[y : y + 4, x] = 255, 0
    polygon = snap_to_frame(tone, box_polygon(Box(60, 60, 500, 340)), line=False)
    (_, left), (_, right) = polygon[0], polygon[1]
    assert left == pytest.approx(62, abs=1.6)
    assert right == pytest.approx(67, abs=1.6)


def test_an_edge_without_a_drawn_line_stays_and_one_at_the_page_s_edge_goes_out_to_it() -> None:
    tone = np.full((400, 600), 255, np.uint8)
    found = snap_to_frame(tone, box_polygon(Box(2, 50, 300, 300)), line=False)
    assert bounds(found) == pytest.approx([0, 50, 300, 300])
