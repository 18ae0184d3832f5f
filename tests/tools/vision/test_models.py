"""A vision model is loaded once, gives way to another one, and is refused where its weights are another model's."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from storage.errors import BackendError, WeightsMissing
from tests.tiny import checkpoint
from tools import devices
from tools.diffusion.weights import Weights
from tools.vision.models import HALF, VisionModel, normalize_picture, resize_picture


def test_a_model_is_loaded_once_and_leaves_the_device_for_another_one() -> None:
    one = VisionModel("Dinov2Model", Weights(str(checkpoint("dinov2"))), "float32")
    other = VisionModel("DepthAnythingForDepthEstimation", Weights(str(checkpoint("depth_anything"))), "float32")
    devices.release_model()
    with devices.measure_cost() as cost:
        for model in (one, one, other):
            with model.on_device() as loaded:
                assert devices.current() == model.name
                assert not loaded.training
    assert cost.loads == 2
    assert one.name != other.name
    assert one.identity != other.identity


def test_weights_that_are_missing_or_of_no_such_model_are_refused(tmp_path: Path) -> None:
    with pytest.raises(WeightsMissing):
        VisionModel("Sam2Model", Weights("owner/never-fetched"), "float32").load()
    (tmp_path / "weights.bin").write_bytes(b"pickle")
    with pytest.raises(BackendError):
        VisionModel("Sam2Model", Weights(str(tmp_path)), "float32").load()


def test_a_picture_is_seen_in_the_range_that_a_model_was_trained_with() -> None:
    picture = np.zeros((4, 6, 3), np.uint8)
    picture[:, 3:] = 255
    seen = normalize_picture(resize_picture(picture, 12, 8), HALF)
    assert seen.shape == (3, 8, 12)
    assert seen[:, :, 0].tolist() == [[-1.0] * 8] * 3
    assert seen[:, :, -1].tolist() == [[1.0] * 8] * 3
