"""The tones backend keeps the likeness protocol and distinguishes a dark figure from a light one."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from tools.likeness import LikenessMeasure, load_likeness_measure
from tools.plates import Image


@pytest.fixture(scope="module")
def likeness() -> LikenessMeasure:
    found = load_likeness_measure("tones")
    return found


def figure(hair: int, coat: int, *, size: tuple[int, int] = (160, 100), colour: int | None = None) -> Image:
    """Draw a character from head to knee: hair, face, coat."""
    tall, wide = size
    page = np.full((tall, wide, 3), 255, np.uint8)
    cv2.ellipse(page, (wide // 2, tall // 4), (wide // 4, tall // 5), 0, 0, 360, (hair,) * 3, -1)
    cv2.ellipse(page, (wide // 2, tall // 3), (wide // 6, tall // 8), 0, 0, 360, (255,) * 3, -1)
    cv2.rectangle(
        page, (wide // 4, tall // 2), (3 * wide // 4, tall), (coat, coat if colour is None else colour, coat), -1
    )
    cv2.rectangle(page, (wide // 4, tall // 2), (3 * wide // 4, tall), (0, 0, 0), 2)
    return page


def alike(likeness: LikenessMeasure, a: Image, b: Image) -> float:
    return float(likeness.embed(a) @ likeness.embed(b))


def test_a_vector_has_length_one_whatever_the_crop(likeness: LikenessMeasure) -> None:
    for size in ((1, 1), (3, 700), (160, 100), (1200, 900)):
        vector = likeness.embed(np.full((*size, 3), 90, np.uint8))
        assert vector.dtype == np.float32
        assert np.linalg.norm(vector) == pytest.approx(1, abs=1e-5)
        assert vector.shape == likeness.embed(figure(0, 255)).shape


def test_one_figure_is_itself_larger_mirrored_and_a_little_darker(likeness: LikenessMeasure) -> None:
    one = figure(40, 200)
    for other in (figure(40, 200, size=(400, 260)), np.ascontiguousarray(one[:, ::-1]), figure(50, 190)):
        assert alike(likeness, one, other) > likeness.alike


def test_dark_hair_and_a_light_coat_are_not_light_hair_and_a_dark_coat(likeness: LikenessMeasure) -> None:
    assert alike(likeness, figure(20, 250), figure(250, 20)) < likeness.alike - 0.05


def test_colour_tells_two_figures_of_one_tone_apart(likeness: LikenessMeasure) -> None:
    grey, green = figure(40, 120), figure(40, 70, colour=200)
    assert alike(likeness, grey, green) < alike(likeness, grey, figure(40, 140))


def test_screentone_is_its_tone(likeness: LikenessMeasure) -> None:
    dotted = figure(255, 255, size=(320, 200))
    plain = dotted.copy()
    plain[165:, 55:145] = 191
    dotted[165:, 55:145][::2, ::2] = 0
    assert alike(likeness, plain, dotted) > alike(likeness, plain, figure(255, 20, size=(320, 200)))
