"""Closed frames inside a region: insets are found, windows and captions are not."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Box
from tools.geometry import bounding_box, box_polygon, iou
from tools.plates import Image
from tools.reading.frame_lines import propose_frame_lines
from tools.reading.insets import find_frames
from tools.reading.working_page import make_working_page


def picture() -> Image:
    return np.full((900, 900, 3), 170, np.uint8)


def frames(page: Image, hidden: np.ndarray | None = None) -> list[Box]:
    sheet = make_working_page(page, hidden)
    region = box_polygon(Box(0.0, 0.0, float(sheet.width), float(sheet.height)))
    found = find_frames(sheet, region, propose_frame_lines(sheet))
    return [bounding_box([(x / sheet.scale, y / sheet.scale) for x, y in polygon]) for polygon in found]


def draw(page: Image, box: Box, *, halo: int = 12) -> None:
    corner, other = (int(box.x0), int(box.y0)), (int(box.x1), int(box.y1))
    if halo:
        cv2.rectangle(page, (corner[0] - halo, corner[1] - halo), (other[0] + halo, other[1] + halo), (255,) * 3, -1)
    cv2.rectangle(page, corner, other, (200, 200, 200), -1)
    cv2.rectangle(page, corner, other, (0, 0, 0), 3)


def test_an_inset_with_paper_around_it_is_found() -> None:
    page, box = picture(), Box(300, 350, 620, 640)
    draw(page, box)
    found = frames(page)
    assert len(found) == 1
    assert iou(found[0], box) > 0.95


def test_a_panel_in_the_corner_needs_only_two_strokes() -> None:
    page, box = picture(), Box(-20, 500, 400, 920)
    draw(page, box)
    found = frames(page)
    assert len(found) == 1
    assert iou(found[0], Box(0, 500, 400, 900)) > 0.95


def test_a_window_without_paper_around_it_is_none() -> None:
    page = picture()
    draw(page, Box(300, 350, 620, 640), halo=0)
    assert frames(page) == []


def test_a_caption_box_is_no_panel() -> None:
    page, hidden = picture(), np.zeros((900, 900), np.uint8)
    draw(page, Box(300, 350, 620, 640))
    hidden[360:630, 310:610] = 255
    assert frames(page, hidden) == []


def test_two_insets_side_by_side_are_two() -> None:
    page = picture()
    draw(page, Box(150, 350, 430, 640))
    draw(page, Box(450, 350, 730, 640))
    assert len(frames(page)) == 2


def test_the_edge_of_a_door_beside_the_frame_of_the_region_is_no_panel() -> None:
    page = picture()
    page[:4] = 255
    page[4:7] = 0
    page[7:, 603:900] = 225
    page[7:, 600:603] = 0
    page[7:, 588:600] = 255
    assert frames(page) == []


def test_the_strokes_of_a_drawn_letter_are_no_panel() -> None:
    page = np.zeros((900, 900, 3), np.uint8)
    corners = np.array([[320, 640], [360, 340], [660, 250], [620, 560]])
    cv2.fillPoly(page, [corners], (255,) * 3)
    cv2.fillPoly(page, [np.array([[345, 612], [380, 365], [632, 290], [600, 536]])], (170,) * 3)
    cv2.polylines(page, [np.array([[345, 612], [380, 365], [632, 290], [600, 536]])], True, (0, 0, 0), 3)
    assert frames(page) == []
