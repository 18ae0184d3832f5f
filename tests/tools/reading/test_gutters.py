"""Pages are divided where paper runs between pictures: hand-drawn frames, missing lines, any paper, any size."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tests.pages import box, rows_of
from tools.geometry import bounding_box, iou
from tools.plates import Image
from tools.reading.panels import find_panels

LAYOUT = rows_of((0.35, 0.3, 0.35), ((0.4, 0.6), (1.0,), (0.3, 0.4, 0.3)), gutter=24)


def wobbling_page(
    amplitude: float, *, line: int = 4, paper: tuple[int, int, int] = (255, 255, 255), scale: float = 1.0
) -> tuple[Image, list[Box]]:
    """Draw coloured panels whose outlines wobble, at `scale`, with the true boxes."""
    rng = np.random.default_rng(7)
    image = np.full((1260, 900, 3), paper, np.uint8)
    for polygon in LAYOUT:
        corners = np.array([*polygon, polygon[0]])
        points = np.concatenate([np.linspace(a, b, 20, endpoint=False) for a, b in pairwise(corners)])
        points += rng.uniform(-amplitude, amplitude, points.shape)
        outline = [np.round(points).astype(np.int32)]
        cv2.fillPoly(image, outline, tuple(int(v) for v in rng.integers(60, 180, 3)))
        if line:
            cv2.polylines(image, outline, True, (10, 10, 10), line, cv2.LINE_AA)
    truth = [Box(*(v * scale for v in bounding_box(polygon))) for polygon in LAYOUT]
    resized = cv2.resize(image, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    return np.asarray(resized, dtype=np.uint8), truth


def assert_found(image: Image, truth: list[Box], least: float = 0.9) -> None:
    found = [bounding_box(polygon) for polygon in find_panels(image)]
    assert len(found) == len(truth)
    assert min(max(iou(box, other) for other in found) for box in truth) > least


@pytest.mark.parametrize(("amplitude", "scale"), [(0, 1.0), (3, 0.5), (3, 2.0), (7, 1.0)])
def test_frames_that_wobble_are_found_at_every_size(amplitude: float, scale: float) -> None:
    assert_found(*wobbling_page(amplitude, scale=scale), 0.85)


@pytest.mark.parametrize("paper", [(255, 255, 255), (235, 220, 190)])
def test_pictures_without_frame_lines_end_at_paper_of_any_colour(paper: tuple[int, int, int]) -> None:
    assert_found(*wobbling_page(3, line=0, paper=paper))


@pytest.mark.parametrize("paper", [(255, 255, 255), (0, 0, 0)])
def test_scenes_of_a_strip_stay_whole_under_even_skies(paper: tuple[int, int, int]) -> None:
    image = np.full((3000, 720, 3), paper, np.uint8)
    scenes = [box(0, 200, 720, 1100), box(0, 1400, 720, 2000), box(0, 2060, 720, 2800)]
    for n, polygon in enumerate(scenes):
        top, bottom = int(polygon[0][1]), int(polygon[2][1])
        image[top:bottom] = np.linspace((210, 160 + 20 * n, 90), (120, 190, 230), bottom - top)[:, None].astype(
            np.uint8
        )
        cv2.circle(image, (300, (top + bottom) // 2), 110, (60, 40, 90), -1)
        image[bottom - 150 : bottom, :] = (90, 70, 50 + 30 * n)
    assert_found(image, [bounding_box(polygon) for polygon in scenes], 0.95)


def test_drawings_that_stand_free_on_black_are_panels() -> None:
    image = np.zeros((3000, 800, 3), np.uint8)
    for x in (280, 520):
        cv2.ellipse(image, (x, 300), (70, 35), 0, 0, 360, (255, 255, 255), 5)
    image[1000:1600, 60:740] = 230
    image[2000:2600, 60:740] = 210
    cv2.circle(image, (400, 1300), 120, (20, 20, 20), 6)
    cv2.circle(image, (300, 2300), 120, (20, 20, 20), 6)
    assert_found(image, [Box(207, 262, 593, 338), Box(60, 1000, 740, 1600), Box(60, 2000, 740, 2600)], 0.8)


def test_a_line_of_one_pixel_is_no_panel() -> None:
    image = np.full((1200, 900, 3), 255, np.uint8)
    image[100:700, 100:800] = 120
    image[900, 100:800] = 0
    assert len(find_panels(image)) == 1
