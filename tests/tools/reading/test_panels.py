"""Panels are found on drawn pages whose panels are known exactly, and on real pages where these are present."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box, Order, PageTranscript, Panel, Polygon
from tests import pages as drawn
from tests.pages import DrawnPage
from tools.geometry import bounding_box, grow, iou, share_inside
from tools.plates import Image, Mask
from tools.reading.order import arrange_page
from tools.reading.panels import find_panels

KINDS = sorted(drawn.ALL)


def balloon_mask(page: DrawnPage) -> Mask:
    """Return the mask that a reader of the lettering would give: the balloons."""
    mask = np.zeros(page.image.shape[:2], np.uint8)
    for lettered, _ in page.balloons:
        balloon = grow(lettered, 0.35 * lettered.width + 30, 0.35 * lettered.height + 30)
        middle = round(balloon.center[0]), round(balloon.center[1])
        cv2.ellipse(mask, middle, (round(balloon.width / 2), round(balloon.height / 2)), 0, 0, 360, 255, -1)
    return mask


def boxes_in_order(image: Image, found: list[Polygon], order: Order) -> list[Box]:
    """Return the boxes of the found panels in reading order."""
    page = PageTranscript(
        index=0,
        image="",
        width=image.shape[1],
        height=image.shape[0],
        panels=tuple(Panel(id=str(n), order=0, box=bounding_box(p), polygon=p) for n, p in enumerate(found)),
    )
    return [panel.box for panel in arrange_page(page, order).panels]


def assert_exact(boxes: list[Box], truth: list[Polygon], least: float = 0.85) -> None:
    """Assert that every panel is found in its place, and no others."""
    assert len(boxes) == len(truth), f"{len(boxes)} panels for {len(truth)}: {boxes}"
    overlaps = [round(iou(box, bounding_box(polygon)), 2) for box, polygon in zip(boxes, truth, strict=True)]
    assert min(overlaps) >= least, overlaps


@pytest.mark.parametrize("kind", KINDS)
def test_every_panel_of_a_drawn_page_is_found_in_order(kind: str) -> None:
    page = drawn.ALL[kind](202)
    assert_exact(boxes_in_order(page.image, find_panels(page.image, balloon_mask(page)), "rtl"), page.panels)


@pytest.mark.parametrize("kind", ["grid", "slanted", "inset"])
def test_a_mirrored_page_is_read_from_the_left(kind: str) -> None:
    page = drawn.ALL[kind](1).mirrored()
    assert_exact(boxes_in_order(page.image, find_panels(page.image), "ltr"), page.panels)


@pytest.mark.parametrize("scale", [0.6, 2.2])
def test_thresholds_scale_with_the_page(scale: float) -> None:
    page = drawn.slanted_page()
    image = np.asarray(cv2.resize(page.image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    truth = [tuple((x * scale, y * scale) for x, y in polygon) for polygon in page.panels]
    assert_exact(boxes_in_order(image, find_panels(image), "rtl"), truth)


def test_yellowed_paper_and_pale_ink_change_nothing() -> None:
    page = drawn.grid_page()
    faded = 60 + page.image.astype(np.float64) * (np.array([225, 215, 180]) - 60) / 255
    assert_exact(boxes_in_order(page.image, find_panels(faded.astype(np.uint8)), "rtl"), page.panels)


def test_polygons_run_inside_the_frame_lines_and_follow_their_slope() -> None:
    page = drawn.slanted_page()
    for polygon in find_panels(page.image):
        truth = max(page.panels, key=lambda panel: iou(bounding_box(panel), bounding_box(polygon)))
        mask = np.zeros(page.image.shape[:2], np.uint8)
        cv2.fillPoly(mask, [np.round(np.array(truth)).astype(np.int32)], 255)
        ours = np.zeros_like(mask)
        cv2.fillPoly(ours, [np.round(np.array(polygon)).astype(np.int32)], 255)
        assert (ours & ~mask).sum() / 255 < 0.002 * mask.sum() / 255
        assert (ours & mask).sum() > 0.95 * mask.sum()


def test_a_blank_page_has_no_panel_and_a_splash_has_one() -> None:
    assert find_panels(drawn.blank().image) == []
    page = drawn.blank()
    drawn.add_panel(page, drawn.box(-20, -20, drawn.WIDTH + 20, drawn.HEIGHT + 20), seed=5)
    found = find_panels(page.image)
    assert len(found) == 1
    assert share_inside(Box(0, 0, drawn.WIDTH, drawn.HEIGHT), found[0]) > 0.95


def test_a_strip_is_divided_at_its_quiet_bands() -> None:
    page = drawn.strip_page()
    assert_exact(boxes_in_order(page.image, find_panels(page.image, balloon_mask(page)), "vertical"), page.panels)


def two_panels(gap: int) -> tuple[Image, Mask]:
    """Draw a row of two panels whose gutter a balloon hides but for `gap` pixels at its upper end."""
    page = drawn.blank()
    drawn.add_panel(page, drawn.box(60, 60, 840, 700), 3)
    drawn.add_panel(page, drawn.box(60, 720, 440, 1000), 4)
    drawn.add_panel(page, drawn.box(452, 720, 840, 1000), 5)
    hidden = np.zeros(page.image.shape[:2], np.uint8)
    for image, colour in ((page.image, drawn.PAPER), (hidden, (255,))):
        cv2.ellipse(image, (446, 868 + gap // 2), (70, 148 - gap // 2), 0, 0, 360, colour, -1)
    cv2.ellipse(page.image, (446, 868 + gap // 2), (70, 148 - gap // 2), 0, 0, 360, drawn.INK, 3)
    hidden = np.asarray(cv2.dilate(hidden, np.ones((5, 5), np.uint8)), dtype=np.uint8)
    return page.image, hidden


def test_a_gutter_that_a_balloon_hides_but_for_its_end_parts_two_panels() -> None:
    image, hidden = two_panels(52)
    found = [bounding_box(polygon) for polygon in find_panels(image, hidden)]
    assert len(found) == 3, found
    assert max(iou(box, Box(452, 720, 840, 1000)) for box in found) > 0.9


def white_room(draw_line: bool, *, post: bool) -> Image:
    """Draw one framed picture of a white room with a few strokes; with a leaning post, or with the edge of a door."""
    image = drawn.blank().image
    cv2.rectangle(image, (60, 60), (840, 660), drawn.PAPER, -1)
    cv2.rectangle(image, (60, 700), (840, 1200), (190, 190, 190), -1)
    for top, bottom in ((60, 660), (700, 1200)):
        cv2.rectangle(image, (60, top), (840, bottom), drawn.INK, 4)
        for n in range(7):
            for x in (120, 320, 640, 720):
                cv2.circle(image, (x + 9 * n, top + 70 + 60 * n), 18, drawn.INK, 2)
    if draw_line and post:
        cv2.line(image, (560, 62), (530, 658), drawn.INK, 24)
        cv2.circle(image, (556, 330), 30, drawn.PAPER, -1)
    elif draw_line:
        cv2.line(image, (785, 702), (785, 1198), drawn.INK, 4)
    return image


@pytest.mark.parametrize("post", [True, False])
def test_a_post_and_the_edge_of_a_door_do_not_part_a_picture(post: bool) -> None:
    assert len(find_panels(white_room(True, post=post))) == len(find_panels(white_room(False, post=post))) == 2


def two_rows(gap: int) -> DrawnPage:
    """Draw two rows, one panel each, with `gap` pixels of paper between their frames."""
    page = drawn.blank()
    drawn.add_panel(page, drawn.box(0, 0, 900, 500), 3)
    drawn.add_panel(page, drawn.box(0, 500 + gap, 900, 1260), 4)
    return page


def test_a_wide_gutter_with_a_drop_in_it_is_no_panel() -> None:
    page = two_rows(80)
    cv2.ellipse(page.image, (450, 540), (12, 24), 0, 0, 360, drawn.INK, -1)
    assert len(find_panels(page.image)) == 2


def test_a_low_panel_with_a_picture_is_one() -> None:
    page = two_rows(110)
    drawn.add_panel(page, drawn.box(0, 512, 900, 598), 5)
    assert len(find_panels(page.image)) == 3


def test_a_sliver_between_two_frame_lines_is_no_panel() -> None:
    page = two_rows(108)
    cv2.rectangle(page.image, (0, 530), (899, 578), (120, 120, 120), -1)
    cv2.rectangle(page.image, (0, 530), (899, 578), drawn.INK, 3)
    assert len(find_panels(page.image)) == 2
