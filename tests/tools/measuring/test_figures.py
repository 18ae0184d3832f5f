"""Test how figures are compared: a second one beyond the panel, and a face that becomes another one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tools.likeness import load_likeness_measure
from tools.measuring.figures import MOST_WINDOWS, lowest_likeness, strongest_double
from tools.plates import Image

EMBED = load_likeness_measure("tones").embed
FIGURE = Box(20, 20, 60, 100)


def draw_figure(picture: Image, box: Box) -> None:
    x, y = round(box.center[0]), round(box.y0)
    cv2.circle(picture, (x, y + 18), 14, (30, 30, 30), -1)
    cv2.rectangle(picture, (round(box.x0) + 8, y + 36), (round(box.x1) - 8, round(box.y1)), (90, 90, 90), -1)


def plate(*, doubled: bool) -> tuple[Image, Image]:
    """Return a plate whose right half was painted, and the mask of the artist's half."""
    picture = np.full((120, 200, 3), 250, np.uint8)
    draw_figure(picture, FIGURE)
    if doubled:
        draw_figure(picture, Box(120, 20, 160, 100))
    original = np.zeros((120, 200), np.uint8)
    original[:, :100] = 255
    return picture, original


def test_a_figure_that_stands_beyond_its_panel_once_more_is_found() -> None:
    assert strongest_double(*plate(doubled=True), [FIGURE], EMBED) > 0.9
    assert strongest_double(*plate(doubled=False), [FIGURE], EMBED) < 0.8


def test_where_nothing_as_large_as_a_figure_was_painted_there_is_none() -> None:
    picture, original = plate(doubled=True)
    original[:, :180] = 255
    assert strongest_double(picture, original, [FIGURE], EMBED) == -1
    assert strongest_double(*plate(doubled=True), [], EMBED) == -1


def test_windows_are_bounded() -> None:
    calls: list[int] = []

    def embed(crop: Image) -> np.ndarray:
        calls.append(crop.size)
        return np.ones(1, np.float32)

    strongest_double(np.zeros((400, 400, 3), np.uint8), np.zeros((400, 400), np.uint8), [Box(0, 0, 20, 20)], embed)
    assert len(calls) == MOST_WINDOWS + 1


@pytest.mark.parametrize(("last", "alike"), [(FIGURE, True), (Box(60, 20, 100, 100), False)])
def test_a_figure_that_leaves_or_changes_is_less_alike(last: Box, *, alike: bool) -> None:
    first, end = np.full((120, 200, 3), 250, np.uint8), np.full((120, 200, 3), 250, np.uint8)
    draw_figure(first, FIGURE)
    draw_figure(end, last)
    assert (lowest_likeness([first, first, end], first, [FIGURE], EMBED) > 0.99) is alike
    assert lowest_likeness([end], first, [], EMBED) == 1
