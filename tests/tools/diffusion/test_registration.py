"""What an editing model drew a little larger or shifted comes to lie over the picture, and nothing else is moved."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tests.magi import lettered_page
from tools.diffusion.registration import register
from tools.plates import Image, Mask


def page() -> tuple[Image, Mask]:
    """Return a page, and a mask of what is kept of it."""
    picture = lettered_page()
    kept = np.full(picture.shape[:2], 255, np.uint8)
    kept[:120], kept[:, 400:] = 0, 0
    return picture, kept


def drawn(picture: Image, kept: Mask, scale: float, shift: tuple[float, float]) -> Image:
    """Return the picture as a model draws it: moved, softer, in other tones, and something else where it is painted."""
    height, width = kept.shape
    matrix = np.array([[scale, 0, shift[0] - (scale - 1) * width / 2], [0, scale, shift[1] - (scale - 1) * height / 2]])
    moved = cv2.warpAffine(picture, matrix, (width, height), flags=cv2.INTER_CUBIC, borderMode=cv2.BORDER_REPLICATE)
    soft = np.asarray(cv2.GaussianBlur(moved, (0, 0), 0.8) * 0.95 + 8, np.uint8)
    soft[kept == 0] = np.random.default_rng(1).integers(0, 255, soft[kept == 0].shape)
    return soft


def off(one: Image, other: Image, kept: Mask) -> float:
    return float(np.abs(one.astype(float) - other)[kept > 0].mean())


@pytest.mark.parametrize(("scale", "shift"), [(1.03, (-6.0, 5.0)), (0.98, (8.0, 0.0)), (1.0, (3.5, -2.5))])
def test_a_picture_that_was_drawn_larger_or_shifted_is_moved_back(scale: float, shift: tuple[float, float]) -> None:
    picture, kept = page()
    painted = drawn(picture, kept, scale, shift)
    still = off(drawn(picture, kept, 1.0, (0.0, 0.0)), picture, kept)
    before, after = (off(one, picture, kept) - still for one in (painted, register(painted, picture, kept)))
    assert before > still
    assert after < 0.2 * before


def test_a_picture_that_lies_right_or_shows_something_else_is_left_as_it_is() -> None:
    picture, kept = page()
    for painted in (drawn(picture, kept, 1.0, (0.0, 0.0)), np.full_like(picture, 90), picture[::-1].copy()):
        assert (register(painted, picture, kept) == painted).all()


def test_where_nothing_is_kept_nothing_is_moved() -> None:
    picture, kept = page()
    assert (register(picture, picture, np.zeros_like(kept)) == picture).all()
