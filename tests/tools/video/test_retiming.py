"""Test cadence and length of retimed frames, and that two drawings are never mixed."""

from __future__ import annotations

import numpy as np
import pytest

from tools.plates import Image
from tools.video import retiming


def dots(count: int, step: int = 8) -> Image:
    """Draw a soft dot that moves to the right."""
    ys, xs = np.mgrid[0:48, 0:160]
    frames = [255 - 200 * np.exp(-((xs - 30 - step * n) ** 2 + (ys - 24) ** 2) / 60) for n in range(count)]
    return np.stack([np.repeat(frame[..., None], 3, 2).astype(np.uint8) for frame in frames])


def place(frame: Image) -> float:
    dark = 255.0 - frame[..., 0]
    return float((dark.sum(0) * np.arange(frame.shape[1])).sum() / dark.sum())


@pytest.mark.parametrize(("cadence", "rate", "count"), [("ones", 24, 25), ("twos", 12, 13), ("threes", 8, 9)])
def test_a_second_has_as_many_drawings_as_the_cadence_says(cadence: retiming.Cadence, rate: float, count: int) -> None:
    frames, given = retiming.retime(dots(9), 8.0, cadence)
    assert (len(frames), given) == (count, rate)
    assert retiming.retime(dots(9), 8.0, "model")[1] == 8.0


@pytest.mark.parametrize("cadence", ["ones", "twos", "threes"])
@pytest.mark.parametrize("rate", [6.0, 8.0, 16.0, 25.0, 30.0])
def test_every_frame_is_one_that_was_drawn_and_none_goes_back(cadence: retiming.Cadence, rate: float) -> None:
    drawn = dots(9)
    frames, _ = retiming.retime(drawn, rate, cadence)
    shown = [[number for number, one in enumerate(drawn) if np.array_equal(one, frame)] for frame in frames]
    assert all(len(numbers) == 1 for numbers in shown)
    assert shown == sorted(shown)
    assert shown[0] == [0]
    assert shown[-1][0] >= 7


def test_a_shot_gets_its_length() -> None:
    assert len(retiming.fit_length(dots(20), 8.0, 1.0, "hold")) == 9
    assert len(retiming.fit_length(dots(5), 8.0, 1.0, "hold")) == 5
    swung = retiming.fit_length(dots(5), 8.0, 2.0, "back and forth")
    assert len(swung) == 17
    assert [round((place(frame) - 30) / 8) for frame in swung[:10]] == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1]
