"""The still backend returns the plate as a motion of one frame."""

from __future__ import annotations

import numpy as np

from storage.domain import Box
from tools.animate.still import Backend
from tools.plates import Plate


def test_a_still_is_the_plate_itself() -> None:
    plate = Plate(np.arange(60, dtype=np.uint8).reshape(4, 5, 3), Box(0, 0, 5, 4), np.zeros((4, 5), np.uint8))
    motion = Backend().animate(plate, seconds=3, prompt="", references=(), seed=0)
    assert motion.frames.shape == (1, 4, 5, 3)
    assert (motion.frames[0] == plate.pixels).all()
    assert motion.box == plate.box
