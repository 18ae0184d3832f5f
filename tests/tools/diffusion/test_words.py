"""Words encoded apart say the same, and the encoder is not in memory while the film is made."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from storage.shapes import Box
from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends, devices
from tools.animate import Worded
from tools.plates import Plate


@pytest.mark.parametrize("name", ["wan21_i2v", "wan22_i2v"])
def test_words_encoded_apart_give_the_same_frames(name: str) -> None:
    settings: dict[str, Any] = {"steps": 2, "megapixels": 0.004, "frames": 5, "rate": 4.0}
    animator = backends.load("animate", "wan_i2v", model=str(checkpoint(name)), **settings)
    assert isinstance(animator, Worded)
    art = lines(64, 64)
    plate = Plate(art, Box(0, 0, 64, 64), np.full(art.shape[:2], 255, np.uint8))
    together = animator.animate(plate, seconds=1, prompt="she turns", references=(), seed=1)  # type: ignore[attr-defined]
    words = animator.encode("she turns")
    assert words == animator.encode("she turns")
    assert words != animator.encode("he sits")
    devices.sleep()
    with devices.metered() as cost:
        apart = animator.film(plate, seconds=1, words=words, references=(), seed=1)
    assert (apart.frames == together.frames).all()
    assert cost.loads == 1
    with devices.awake(animator.awake, lambda: pytest.fail("another pipeline filmed")) as pipe:  # type: ignore[attr-defined]
        assert pipe.text_encoder is None
