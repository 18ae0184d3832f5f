"""Test where a tall strip is divided."""

from __future__ import annotations

import numpy as np

from tests.pages import strip_page
from tools.reading.strips import is_strip, split_strip


def test_only_a_page_much_taller_than_wide_is_a_strip() -> None:
    assert is_strip(np.zeros((3000, 800, 3), np.uint8))
    assert not is_strip(np.zeros((1200, 800, 3), np.uint8))


def test_quiet_bands_of_any_colour_part_the_screens() -> None:
    strip = np.full((3000, 800, 3), (30, 60, 160), np.uint8)
    noise = np.random.default_rng(0).integers(0, 255, (900, 600, 3), dtype=np.uint8)
    strip[100:1000, 100:700] = noise
    strip[1300:2200, 100:700] = noise
    found = split_strip(strip)
    assert len(found) == 2
    assert np.abs(np.array(found) - [[100, 1000], [1300, 2200]]).max() < 12


def test_a_balloon_between_two_pictures_joins_neither() -> None:
    page = strip_page()
    mask = np.zeros(page.image.shape[:2], np.uint8)
    mask[805:960, 150:570] = 255
    found = split_strip(page.image, mask)
    assert len(found) == len(page.panels)
    assert abs(found[0][1] - 780) < 12
    assert split_strip(page.image)[0][1] > 900
