"""Drawings outside the panels are found, and frame lines where panels were missed; page numbers are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tools.geometry import bounding_box, box_polygon, iou
from tools.plates import Image, Mask
from tools.reading.missed_art import cover_lines, find_art_outside, frame_free_art, has_frame_lines
from tools.reading.ocr import TextLine

PANEL = Box(100, 100, 900, 600)


def page(ground: int = 255) -> Image:
    """Return a page of 1000 by 1400 pixels with one framed panel."""
    image = np.full((1400, 1000, 3), ground, np.uint8)
    cv2.rectangle(image, (100, 100), (900, 600), (170, 170, 170), -1)
    cv2.rectangle(image, (100, 100), (900, 600), (0, 0, 0), 4)
    return image


def nothing(image: Image) -> Mask:
    return np.zeros(image.shape[:2], np.uint8)


def face(image: Image, x: int, y: int, radius: int = 90, *, ink: int = 0) -> None:
    cv2.circle(image, (x, y), radius, (ink,) * 3, 6)
    for way in (-1, 1):
        cv2.circle(image, (x + way * radius // 3, y), radius // 8, (ink,) * 3, -1)


@pytest.mark.parametrize("ground", [255, 0])
def test_a_drawing_on_paper_is_found(ground: int) -> None:
    image = page(ground)
    face(image, 500, 1000, ink=255 - ground)
    found = find_art_outside(image, nothing(image), [box_polygon(PANEL)])
    assert len(found) == 1
    assert iou(found[0], Box(407, 907, 593, 1093)) > 0.9


def test_page_numbers_frame_lines_and_what_leans_out_of_a_panel_are_not_art_outside() -> None:
    image = page()
    cv2.putText(image, "12", (480, 1370), cv2.FONT_HERSHEY_SIMPLEX, 1.0, (0, 0, 0), 2)
    cv2.circle(image, (500, 600), 20, (0, 0, 0), -1)
    assert find_art_outside(image, nothing(image), [box_polygon(PANEL)]) == []


def test_lettering_is_not_art() -> None:
    image = page()
    image[900:1060:4, 300:700] = 0
    quad = np.array([[300, 900], [700, 900], [700, 1060], [300, 1060]], np.float64)
    covered = cover_lines(nothing(image), [TextLine(quad, "GRAND TITLE", 0.9)])
    assert find_art_outside(image, nothing(image), [box_polygon(PANEL)]) != []
    assert find_art_outside(image, covered, [box_polygon(PANEL)]) == []


def test_drawings_at_one_height_of_a_strip_are_one_panel_clear_of_the_others() -> None:
    art = [Box(200, 640, 300, 700), Box(600, 650, 700, 710), Box(300, 1100, 500, 1300)]
    frames = [bounding_box(frame) for frame in frame_free_art(art, [box_polygon(PANEL)], 1000)]
    assert frames == [Box(120, 600, 780, 790), Box(220, 1020, 580, 1380)]


def test_frame_lines_show_that_panels_were_missed() -> None:
    image = np.full((1400, 1000, 3), 255, np.uint8)
    for y in (100, 520, 940):
        for x in (100, 520):
            cv2.rectangle(image, (x, y), (x + 380, y + 380), (120, 120, 120), -1)
            cv2.rectangle(image, (x, y), (x + 380, y + 380), (0, 0, 0), 5)
    assert has_frame_lines(image, nothing(image))


def test_a_picture_that_fills_a_page_has_no_frame_lines() -> None:
    image = page()
    face(image, 500, 1000, 250)
    assert not has_frame_lines(image, nothing(image))
