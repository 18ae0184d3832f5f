"""SAM 2 gives one segment for each box, of the size of the picture, alike on every run."""

from __future__ import annotations

import numpy as np

from storage.domain import Box
from tests.tiny import checkpoint
from tests.tools import layers as drawn
from tools.diffusion.weights import Weights
from tools.vision.models import VisionModel
from tools.vision.segmentation import segment_boxes


def test_each_box_has_a_segment_and_points_beside_it_count() -> None:
    model = VisionModel("Sam2Model", Weights(str(checkpoint("sam2"))), "float32")
    page, boxes = drawn.draw_page(), [drawn.SEED, Box(30, 30, 120, 200)]
    with model.on_device() as sam:
        once = segment_boxes(sam, page, boxes, [drawn.SEED.center, (600.0, 20.0)])
        again = segment_boxes(sam, page, boxes, [drawn.SEED.center, (600.0, 20.0)])
        plain = segment_boxes(sam, page, boxes)
        assert segment_boxes(sam, page, []) == []
        (wide,) = segment_boxes(sam, np.ascontiguousarray(page[:100]), [Box(10, 10, 90, 90)])
    assert [segment.mask.shape for segment in once] == [(drawn.HEIGHT, drawn.WIDTH)] * 2
    assert all(0 <= segment.certainty <= 1 for segment in once)
    assert all((a.mask == b.mask).all() and a.certainty == b.certainty for a, b in zip(once, again, strict=True))
    assert once[0].certainty != plain[0].certainty  # a point in its box
    assert wide.mask.shape == (100, drawn.WIDTH)
