"""Test the types of pictures that compute anything."""

from __future__ import annotations

import numpy as np

from tools.plates import GreyFrames


def test_grey_frames_are_rgb_pictures_to_whoever_asks_for_pictures() -> None:
    ramp = np.arange(12, dtype=np.uint8).reshape(3, 4)
    frame = GreyFrames(lambda t: ramp)(0.5)
    assert frame.shape == (3, 4, 3)
    assert frame.dtype == np.uint8
    assert all((frame[..., channel] == ramp).all() for channel in range(3))
