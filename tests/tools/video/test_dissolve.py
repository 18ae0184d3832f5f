"""Test dissolves between moving pictures."""

from __future__ import annotations

import numpy as np
import pytest

from tools.plates import GreyFrames
from tools.video.dissolve import dissolve_function, part_of_time


def test_a_dissolve_leads_softly_from_one_picture_to_the_other() -> None:
    dark, light = np.full((90, 160, 3), 20, np.uint8), np.full((90, 160, 3), 220, np.uint8)
    frame = dissolve_function(lambda t: dark, lambda t: light)
    tones = [int(frame(t)[0, 0, 0]) for t in (0.0, 0.1, 0.5, 0.9, 1.0)]
    assert tones == pytest.approx([20, 25, 120, 215, 220], abs=1)


def test_a_dissolve_of_grey_frames_is_one_and_both_sides_move() -> None:
    ramp = np.tile(np.arange(160, dtype=np.uint8), (90, 1))
    right = GreyFrames(lambda t: np.roll(ramp, round(20 * t), axis=1))
    left = GreyFrames(lambda t: np.roll(ramp, -round(20 * t), axis=1))
    grey, mixed = dissolve_function(right, left), dissolve_function(right.__call__, left)
    assert isinstance(grey, GreyFrames)
    assert not isinstance(mixed, GreyFrames)
    assert (grey(0.3) == mixed(0.3)).all()
    assert (grey(0.0)[..., 0] == ramp).all()
    assert (grey(1.0)[..., 0] == np.roll(ramp, -20, axis=1)).all()


def test_a_part_of_the_time_may_lie_beyond_a_shot_and_may_be_a_single_moment() -> None:
    asked: list[float] = []

    def tones(t: float) -> np.ndarray:
        asked.append(round(t, 6))
        return np.zeros((2, 2), np.uint8)

    before, resting = part_of_time(GreyFrames(tones), -0.5, -0.1), part_of_time(GreyFrames(tones).__call__, 1.0, 1.0)
    assert isinstance(before, GreyFrames)
    for frame in (before, resting):
        assert [frame(t).shape for t in (0.0, 0.5, 1.0)] == [(2, 2, 3)] * 3
    assert asked == [-0.5, -0.3, -0.1, 1.0, 1.0, 1.0]
