"""Depth has the size of the picture and a range of 0..1, for strips too."""

from __future__ import annotations

import numpy as np
import pytest

from tests.tiny import checkpoint
from tests.tools import layers as drawn
from tools.diffusion.weights import Weights
from tools.vision.depth import estimate_nearness
from tools.vision.models import VisionModel


@pytest.mark.parametrize(("height", "width"), [(120, 200), (40, 640)])
def test_nearness_has_the_size_of_the_picture(height: int, width: int) -> None:
    model = VisionModel("DepthAnythingForDepthEstimation", Weights(str(checkpoint("depth_anything"))), "float32")
    picture = np.ascontiguousarray(drawn.draw_page()[100 : 100 + height, :width])
    found = estimate_nearness(model, picture)
    assert found.shape == (height, width)
    assert found.dtype == np.float32
    assert found.min() == 0
    assert found.max() == pytest.approx(1) or found.max() == 0  # random weights may see no depth
    assert (found == estimate_nearness(model, picture)).all()
