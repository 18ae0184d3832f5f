"""Boxes lie within the picture, whatever its shape, and only the best of those in one place is kept."""

from __future__ import annotations

from typing import Any

import numpy as np
import torch

from storage.domain import Box
from tools.vision.detection import Detection, detect


class Detector:
    """An OWLv2 that finds three boxes, given as centre and size in shares of the square."""

    class config:  # noqa: N801
        class vision_config:  # noqa: N801
            image_size = 32

    device, dtype = torch.device("cpu"), torch.float32

    def __call__(self, *, input_ids: Any, attention_mask: Any, pixel_values: Any) -> Any:
        self.seen = pixel_values
        self.logits = torch.tensor([[[2.0, 1.0], [0.0, 1.0], [-2.0, 0.0]]])
        self.pred_boxes = torch.tensor([[[0.25, 0.25, 0.2, 0.2], [0.26, 0.25, 0.2, 0.2], [0.5, 0.9, 0.2, 0.2]]])
        return self


def test_boxes_are_in_pixels_of_the_picture() -> None:
    detector = Detector()
    texts = ["the eyes", "a drawing of the eyes"]
    found = detect(
        detector, lambda lines, **rest: {"input_ids": torch.zeros(2, 16), "attention_mask": torch.ones(2, 16)},
        np.full((100, 200, 3), 255, np.uint8), texts,
    )  # fmt: skip
    # the second box lies on the first, the third on what fills up the square
    assert [one.box for one in found] == [Box(30, 30, 70, 70)]
    assert isinstance(found[0], Detection)
    assert abs(found[0].score - 0.8808) < 1e-3
    assert tuple(detector.seen.shape) == (1, 3, 32, 32)
    assert (detector.seen[0, :, 0] > 1.5).all()  # white
    assert (detector.seen[0, :, -1].abs() < 0.4).all()  # filled up with grey
