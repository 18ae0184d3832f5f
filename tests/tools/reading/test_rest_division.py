"""Panels beside a frame end at lines that run from the frame to the edge of their region."""

from __future__ import annotations

import numpy as np

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, box_polygon, iou
from tools.plates import Image
from tools.reading.edge_score import PageStyle
from tools.reading.frame_lines import propose_frame_lines
from tools.reading.rest_division import find_panels_beside
from tools.reading.working_page import make_working_page

SIZE = 900
FRAME = Box(0, 0, 403, 433)


def make_page(*lines: int) -> Image:
    """Return a picture with a gutter around its first corner and level frame lines from there to its right edge."""
    page = np.full((SIZE, SIZE, 3), 110, np.uint8)
    page[:430, 397:415] = page[427:445, :415] = 0
    page[:430, 400:412] = page[430:442, :412] = 255
    for y in lines:
        page[y : y + 3, 415:] = 0
    return page


def find_beside(page: Image, *frames: Box) -> list[Box]:
    sheet = make_working_page(page)
    scaled: list[Polygon] = [box_polygon(Box(*(edge * sheet.scale for edge in frame))) for frame in frames]
    whole = box_polygon(Box(0.0, 0.0, float(sheet.width), float(sheet.height)))
    found = find_panels_beside(sheet, whole, scaled, propose_frame_lines(sheet), PageStyle(side=sheet.side))
    return [Box(*(edge / sheet.scale for edge in bounding_box(polygon))) for polygon in found]


def test_a_line_from_the_frame_to_the_edge_ends_a_panel() -> None:
    found = find_beside(make_page(430), FRAME)
    assert max(iou(box, Box(415, 0, SIZE, 430)) for box in found) > 0.9


def test_two_lines_end_two_panels_one_above_the_other() -> None:
    found = find_beside(make_page(200, 430), FRAME)
    assert [max(iou(box, truth) for box in found) > 0.9 for truth in (Box(415, 0, SIZE, 200), Box(415, 203, SIZE, 430))]


def test_a_line_below_the_frame_is_in_the_rest_of_the_picture() -> None:
    assert find_beside(make_page(800), FRAME) == []


def test_without_frames_nothing_lies_beside_them() -> None:
    assert find_beside(make_page(430)) == []


def test_a_panel_that_is_known_is_not_found_again() -> None:
    assert find_beside(make_page(430), FRAME, Box(415, 0, SIZE, 427)) == []
