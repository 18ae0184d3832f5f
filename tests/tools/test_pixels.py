"""Tests of crops, masks and resampling."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tests.tools.drawings import lines
from tools.geometry import box_polygon
from tools.pixels import (
    as_image,
    blend,
    intersect_box,
    is_grey,
    polygon_mask,
    prepare_scale,
    resize,
    to_grey,
    whole_pixels,
)


def test_a_grey_picture_is_told_from_a_coloured_one() -> None:
    grey_one = lines(120, 80)
    coloured = grey_one.copy()
    coloured[20:40, 20:60] = (230, 80, 60)
    assert is_grey(grey_one)
    assert not is_grey(coloured)
    assert to_grey(grey_one).shape == (80, 120)


def test_numbers_become_tones_by_rounding_and_clipping() -> None:
    assert as_image([[-3.0, 0.6, 254.4, 300.0]]).tolist() == [[0, 1, 254, 255]]
    assert blend(np.full((2, 2), 100, np.uint8), np.full((2, 2), 200, np.uint8), 0.25)[0, 0] == 125


def test_boxes_are_rounded_outwards_and_cut_to_their_bounds() -> None:
    assert whole_pixels((0.2, -1.5, 3.0, 4.1)) == Box(0, -2, 3, 5)
    assert intersect_box(Box(-5, 2, 50, 9), Box(0, 0, 20, 5)) == Box(0, 2, 20, 5)
    assert intersect_box(Box(30, 30, 40, 40), Box(0, 0, 20, 5)).area == 0


def test_a_filled_polygon_covers_its_area_with_a_smooth_edge() -> None:
    mask = polygon_mask(((10, 5), (50, 20), (30, 45)), Box(0, 0, 60, 50))
    assert mask.sum() / 255 == pytest.approx(0.5 * abs(40 * 40 - 20 * 15), rel=0.1)
    assert ((mask > 0) & (mask < 255)).any()
    assert (polygon_mask(box_polygon(Box(10, 10, 20, 20)), Box(0, 0, 30, 30))[11:19, 11:19] == 255).all()


def test_a_level_shows_the_same_place_of_the_page_as_the_picture_it_is_made_of() -> None:
    page = np.zeros((200, 300, 3), np.uint8)
    page[100:120, 150:170] = 255
    for scale in (0.5, 1.0, 2.5):
        prepared = prepare_scale(page, Box(0, 0, 300, 200), Box(100, 60, 260, 150), scale)
        seen = prepared.sample(Box(140, 90, 180, 130), (400, 400))[..., 0]
        ys, xs = np.nonzero(seen > 127)
        assert (xs.min(), xs.max() + 1) == (pytest.approx(100, abs=12 / scale), pytest.approx(300, abs=12 / scale))
        assert (ys.mean() + 0.5, xs.mean() + 0.5) == (pytest.approx(200, abs=3), pytest.approx(200, abs=3))


def test_fine_screentone_shrinks_to_an_even_tone() -> None:
    tone = np.full((600, 600), 255, np.uint8)
    tone[::4, ::4] = tone[1::4, ::4] = tone[::4, 1::4] = tone[1::4, 1::4] = 0
    small = resize(tone, (211, 211))[5:-5, 5:-5]
    assert small.mean() == pytest.approx(191, abs=3)
    coarse = resize(small, (20, 20))
    assert coarse.std() < 2


def test_a_picture_can_be_grey_in_the_part_that_counts() -> None:
    picture = np.full((60, 90, 3), 120, np.uint8)
    picture[:, 60:] = (200, 40, 40)
    left = np.zeros((60, 90), np.uint8)
    left[:, :60] = 255
    assert not is_grey(picture)
    assert is_grey(picture, left)
    assert not is_grey(picture, 255 - left)
    assert not is_grey(picture, np.zeros_like(left)), "all of it counts where nothing is chosen"
