"""Frames with one hidden side: a figure over the gutters hides no panel beside it, and a plain picture holds none."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tools.geometry import bounding_box, box_polygon, iou
from tools.plates import Image
from tools.reading.frame_lines import propose_frame_lines
from tools.reading.open_frames import find_hidden_cut, find_open_frames
from tools.reading.working_page import WorkingPage, make_working_page

SIZE = 900


def picture() -> Image:
    return np.full((SIZE, SIZE, 3), 170, np.uint8)


def gutter(page: Image, y: int, x0: int = 0, x1: int = SIZE, *, paper: int = 255) -> None:
    """Draw a level gutter, 12 pixels of paper between two frame lines."""
    page[y : y + 12, x0:x1] = paper
    page[y - 3 : y, x0:x1] = page[y + 12 : y + 15, x0:x1] = 0


def figure(page: Image, x: int, width: int, grey: int = 120) -> None:
    cv2.ellipse(page, (x, SIZE // 2), (width // 2, SIZE), 0, 0, 360, (grey, grey, grey), -1)


def whole(sheet: WorkingPage) -> tuple[tuple[float, float], ...]:
    return box_polygon(Box(0.0, 0.0, float(sheet.width), float(sheet.height)))


def open_frames(page: Image) -> list[Box]:
    sheet = make_working_page(page)
    found = find_open_frames(sheet, whole(sheet), propose_frame_lines(sheet))
    return [bounding_box([(x / sheet.scale, y / sheet.scale) for x, y in polygon]) for polygon in found]


def test_panels_beside_a_figure_are_found_without_their_fourth_side() -> None:
    page = picture()
    gutter(page, 280)
    gutter(page, 580)
    figure(page, 200, 500)
    found = open_frames(page)
    assert len(found) == 3
    assert max(iou(box, Box(450, 295, 900, 577)) for box in found) > 0.9


def test_panels_above_each_other_are_found_on_either_side_of_the_page() -> None:
    page = picture()
    gutter(page, 430)
    figure(page, 700, 500)
    assert max(iou(box, Box(0, 0, 450, 427)) for box in open_frames(page)) > 0.9


def test_lines_without_paper_beside_them_are_shelves() -> None:
    page = picture()
    gutter(page, 280, paper=170)
    gutter(page, 580, paper=170)
    figure(page, 200, 500, grey=255)
    assert open_frames(page) == []


def test_a_gutter_behind_a_figure_in_the_middle_is_a_cut() -> None:
    page = picture()
    gutter(page, 430)
    figure(page, 450, 320)
    sheet = make_working_page(page)
    parts = find_hidden_cut(sheet, whole(sheet), propose_frame_lines(sheet))
    assert parts is not None
    assert abs(bounding_box(parts[0]).y1 / sheet.scale - 430) < 16
    assert abs(bounding_box(parts[1]).y0 / sheet.scale - 440) < 16


def test_a_gutter_that_only_one_side_shows_is_no_cut() -> None:
    page = picture()
    gutter(page, 430, x0=500)
    sheet = make_working_page(page)
    assert find_hidden_cut(sheet, whole(sheet), propose_frame_lines(sheet)) is None


def test_a_small_region_is_one_panel() -> None:
    page = picture()
    gutter(page, 280, x1=400)
    figure(page, 0, 200)
    sheet = make_working_page(page)
    corner = box_polygon(Box(0.0, 0.0, 450.0, 450.0))
    assert find_open_frames(sheet, corner, propose_frame_lines(sheet)) == []
    assert find_hidden_cut(sheet, corner, propose_frame_lines(sheet)) is None


def test_a_figure_near_the_end_of_a_cut_leaves_a_short_arm() -> None:
    page = picture()
    gutter(page, 430)
    figure(page, 740, 180)
    sheet = make_working_page(page)
    cut = find_hidden_cut(sheet, whole(sheet), propose_frame_lines(sheet))
    assert cut is not None
    assert [round(bounding_box(part).height / sheet.scale, -1) for part in cut] == [430, 470]


def test_strokes_that_converge_are_the_outline_of_a_thing() -> None:
    page = picture()
    for x0, x1 in ((300, 345), (650, 605)):
        cv2.fillPoly(page, [np.array([[x0 - 14, 900], [x0 + 14, 900], [x1 + 14, 200], [x1 - 14, 200]])], (255,) * 3)
        cv2.line(page, (x0, 900), (x1, 200), (0, 0, 0), 3)
    assert not [box for box in open_frames(page) if 400 < box.center[0] < 550]


@pytest.mark.parametrize(("length", "is_panel"), [(480, True), (300, False)])
def test_a_panel_beside_a_leaning_line_has_a_long_arm(length: int, is_panel: bool) -> None:
    page = picture()
    end = np.array([560 - 0.16 * length, length])
    cv2.fillPoly(page, [np.array([[548, 0], [560, 0], end, end - (12, 0)], np.int32)], (255,) * 3)
    for x in (0, -12):
        cv2.line(page, (560 + x, 0), (int(end[0]) + x, length), (0, 0, 0), 3)
    beside = [box for box in open_frames(page) if box.x1 > 890 and abs(box.y1 - length) < 20]
    assert bool(beside) == is_panel
