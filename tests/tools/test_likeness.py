"""Every likeness that looks by a model keeps the promise on a real one of tiny weights."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tiny import checkpoint
from tests.tools.drawings import lines
from tools import backends, devices
from tools.likeness import Likeness

SIDES = {"dinov2": 28, "siglip": 32}


@pytest.mark.parametrize("name", SIDES)
def test_a_vector_has_length_one_and_tells_pictures_apart(name: str) -> None:
    likeness: Likeness = backends.load("likeness", name, model=str(checkpoint(name)), side=SIDES[name])
    one, other = lines(60, 90), np.zeros((20, 30, 3), np.uint8)
    with devices.metered() as cost:
        found = [likeness.embed(crop) for crop in (one, one, other, np.full((1, 1, 3), 90, np.uint8))]
    assert cost.loads <= 1
    assert all(vector.dtype == np.float32 and vector.shape == found[0].shape for vector in found)
    assert np.linalg.norm(found, axis=1) == pytest.approx(1, abs=1e-5)
    assert found[0] @ found[1] == pytest.approx(1, abs=1e-5)
    assert found[0] @ found[2] < 0.999
