"""Test cadence and length of retimed frames, and that frames between two drawings move from one to the other."""

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


def test_between_two_drawings_things_move_and_do_not_fade() -> None:
    frames, _ = retiming.retime(dots(3, step=10), 8.0, "ones")
    places = [place(frame) for frame in frames]
    assert places == sorted(places)
    assert abs(place(frames[1]) - (places[0] + 10 / 3)) < 1.5
    assert frames[1].min() < 90, "the dot is as dark as it was"


def test_a_shot_gets_its_length() -> None:
    assert len(retiming.fit_length(dots(20), 8.0, 1.0, "hold")) == 9
    assert len(retiming.fit_length(dots(5), 8.0, 1.0, "hold")) == 5
    swung = retiming.fit_length(dots(5), 8.0, 2.0, "back and forth")
    assert len(swung) == 17
    assert [round((place(frame) - 30) / 8) for frame in swung[:10]] == [0, 1, 2, 3, 4, 3, 2, 1, 0, 1]
