"""Test that particles are laid over a frame where they may be, in whole numbers."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Box
from tools.geometry import box_polygon
from tools.motion_regions import draw_region
from tools.particles import SHIFT, FilmPlane, draw_over
from tools.plates import Mask

VIEW, PANEL, BALLOON = Box(0, 0, 200, 100), Box(20, 20, 180, 80), Box(100, 30, 140, 60)


def stripes(plane: FilmPlane) -> list[tuple[Mask, tuple[int, int, int]]]:
    mask = plane.blank
    ends = plane.points(np.array([[[0, 50], [200, 50]]]))
    cv2.polylines(mask, list(ends), False, (255,), 4, cv2.LINE_8, SHIFT)
    return [(mask, (10, 200, 30))]


def test_coats_cover_the_panel_beside_its_balloons_and_leave_the_picture_itself() -> None:
    region = draw_region(None, box_polygon(PANEL), [], [box_polygon(BALLOON)], VIEW)
    assert region is not None
    picture = np.full((100, 200, 3), 128, np.uint8)
    drawn = draw_over(picture, region, VIEW, stripes)
    assert (picture == 128).all()
    assert (drawn[50, 60] == (10, 200, 30)).all()
    for x in (10, 120, 190):
        assert (drawn[50, x] == 128).all()
    assert (drawn[30] == 128).all()


def test_a_region_out_of_view_leaves_the_very_picture() -> None:
    region = draw_region(None, box_polygon(PANEL), [], [], VIEW)
    assert region is not None
    picture = np.full((100, 200, 3), 128, np.uint8)
    assert draw_over(picture, region, Box(300, 0, 500, 100), stripes) is picture
