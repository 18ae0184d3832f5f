"""Test that the sides of a polygon move behind the frame line along them."""

from __future__ import annotations

import numpy as np

from storage.domain import Box
from tools.geometry import bounding_box, box_polygon
from tools.reading.frame_trimming import trim_frame_lines
from tools.reading.working_page import WorkingPage


def sheet() -> WorkingPage:
    """Return a grey picture with a frame three pixels thick from 100 to 500."""
    grey = np.full((600, 600), 255, np.uint8)
    grey[100:500, 100:500] = 0
    grey[103:497, 103:497] = 170
    return WorkingPage(grey, np.zeros((600, 600), np.uint8), 1.0)


def test_a_polygon_outside_the_frame_is_drawn_in_behind_it() -> None:
    box = bounding_box(trim_frame_lines(sheet(), box_polygon(Box(97, 97, 503, 503))))
    assert 102 <= box.x0 <= 105
    assert 102 <= box.y0 <= 105
    assert 495 <= box.x1 <= 498
    assert 495 <= box.y1 <= 498


def test_a_polygon_inside_the_frame_stays() -> None:
    polygon = box_polygon(Box(115, 115, 485, 485))
    assert trim_frame_lines(sheet(), polygon) == polygon


def test_a_dark_picture_is_not_a_frame() -> None:
    grey = np.zeros((600, 600), np.uint8)
    polygon = box_polygon(Box(100, 100, 500, 500))
    assert trim_frame_lines(WorkingPage(grey, np.zeros((600, 600), np.uint8), 1.0), polygon) == polygon


def test_sides_on_the_border_of_the_page_stay() -> None:
    grey = np.full((600, 600), 170, np.uint8)
    grey[:3] = 0
    whole = box_polygon(Box(0, 0, 600, 600))
    assert trim_frame_lines(WorkingPage(grey, np.zeros((600, 600), np.uint8), 1.0), whole) == whole
