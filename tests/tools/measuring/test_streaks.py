"""Test that only many slanted streaks over a dark panel count as rain."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box
from tools.measuring.streaks import shows_rain
from tools.plates import Image

PANEL = Box(20, 20, 620, 420)


def streaks(lean: float, *, count: int = 420, paper: int = 30, ink: int = 240, wide: float = 600) -> Image:
    """A page with a panel of streaks that lean so many pixels over their 26 pixels of height."""
    page = np.full((440, 640, 3), 255, np.uint8)
    page[20:420, 20:620] = paper
    luck = np.random.default_rng(3)
    for x, y in zip(luck.uniform(24, 20 + wide, count), luck.uniform(22, 390, count), strict=True):
        ends = (round(x), round(y)), (round(x - lean), round(y + 26))
        cv2.line(page, *ends, (ink,) * 3, 1, cv2.LINE_AA)
    return page


def test_slanted_streaks_all_over_a_dark_panel_are_rain() -> None:
    assert shows_rain(streaks(4), PANEL)
    assert shows_rain(streaks(-6), PANEL)


@pytest.mark.parametrize(
    "page",
    [
        streaks(0), streaks(26), streaks(4, count=60), streaks(4, paper=255, ink=20), streaks(4, wide=200),
        np.zeros((440, 640, 3), np.uint8), np.random.default_rng(1).integers(0, 90, (440, 640, 3)).astype(np.uint8),
    ],
    ids=["upright", "level", "few", "light", "on one side", "black", "noise"],
)  # fmt: skip
def test_anything_else_is_none(page: Image) -> None:
    assert not shows_rain(page, PANEL)


def test_a_panel_beyond_the_page_or_too_small_is_none() -> None:
    assert not shows_rain(streaks(4), Box(900, 900, 1000, 1000))
    assert not shows_rain(streaks(4), Box(20, 20, 60, 60))
