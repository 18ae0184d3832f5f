"""Test that displaced pixels come from where the field says, and that all others stay exactly as they are."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tests.tools.drawings import lines
from tools.motion_regions import PlaneField
from tools.pixels import prepare_scale
from tools.video.displacement import join_fields

PAGE, VIEW, SIZE = Box(0, 0, 640, 360), Box(100, 60, 420, 240), (480, 270)


def constant(box: Box, right: float, down: float) -> PlaneField:
    return PlaneField(np.tile(np.array([right, down], np.float32), (40, 60, 1)), box)


def test_a_constant_field_shows_the_picture_from_elsewhere() -> None:
    level = prepare_scale(lines(640, 360), PAGE, PAGE, 1.5)
    warp = join_fields([constant(Box(0, 0, 640, 360), 8, -4)], VIEW, SIZE)
    assert warp is not None
    shown = warp.displace(level.sample(VIEW, SIZE), level, VIEW)
    elsewhere = level.sample(Box(108, 56, 428, 236), SIZE)
    assert np.abs(shown.astype(int) - elsewhere).max() <= 12, "a 32nd of a pixel"
    assert np.abs(shown.astype(int) - elsewhere).mean() < 0.5


def test_fields_add_up_where_they_meet() -> None:
    level = prepare_scale(lines(640, 360), PAGE, PAGE, 1.5)
    plain = level.sample(VIEW, SIZE)
    there, here = constant(Box(150, 100, 250, 200), 6, 0), constant(Box(150, 100, 250, 200), -6, 0)
    warp = join_fields([there, here], VIEW, SIZE)
    assert warp is not None
    inner = slice(70, 200), slice(85, 215)
    assert np.abs(warp.displace(plain, level, VIEW).astype(int) - plain)[inner].max() <= 12
    alone = join_fields([there], VIEW, SIZE)
    assert alone is not None
    moved = alone.displace(plain, level, VIEW)
    assert (moved[inner] != plain[inner]).any()
    outside = np.ones(plain.shape[:2], bool)
    outside[58:212, 73:227] = False
    assert (moved[outside] == plain[outside]).all()


@pytest.mark.parametrize("fields", [[], [constant(Box(500, 300, 600, 350), 3, 3)]])
def test_nothing_in_view_is_no_warp(fields: list[PlaneField]) -> None:
    assert join_fields(fields, VIEW, SIZE) is None
