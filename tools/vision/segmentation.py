"""Segment what lies in boxes of a picture with SAM 2.

Source: Ravi et al., SAM 2: Segment Anything in Images and Videos (2024).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box
from tools.plates import Image
from tools.vision.models import IMAGENET, normalize_picture, resize_picture

NO_POINT = -10
"""The label of a point that fills up a list, as SAM 2 takes it."""


@dataclass(frozen=True)
class Segment:
    """What SAM 2 takes for the thing in a box."""

    mask: NDArray[np.bool_]
    """(h, w) of the picture."""
    certainty: float
    """SAM 2's own estimate of how far the mask agrees with the thing (intersection over union), 0..1."""


def segment_boxes(
    sam: Any, picture: Image, boxes: Sequence[Box], beside: Sequence[tuple[float, float]] = ()
) -> list[Segment]:
    """Segment the thing in each box.

    Args:
        sam: A loaded `Sam2Model`.
        picture: (h, w, 3) RGB uint8.
        boxes: Boxes in pixels of the picture, each around one thing; its middle counts as a point of the thing.
        beside: Points that belong to no thing, such as the middle of a balloon before it.

    Returns:
        One segment for each box.
    """
    import torch

    if not boxes:
        return []
    height, width = picture.shape[:2]
    side = int(sam.config.prompt_encoder_config.image_size)
    seen = normalize_picture(resize_picture(picture, side, side), IMAGENET)
    scale = np.array([side / width, side / height], np.float32)
    points, labels = _points(boxes, beside)
    with torch.inference_mode():
        found = sam(
            pixel_values=torch.from_numpy(seen)[None].to(sam.device, sam.dtype),
            input_boxes=torch.from_numpy(np.array(boxes, np.float32) * np.tile(scale, 2))[None].to(sam.device),
            input_points=torch.from_numpy(points * scale)[None].to(sam.device),
            input_labels=torch.from_numpy(labels)[None].to(sam.device),
            multimask_output=False,
        )
        masks: NDArray[np.float32] = found.pred_masks[0, :, 0].float().cpu().numpy()
        certainties: NDArray[np.float32] = found.iou_scores[0, :, 0].float().cpu().numpy()
    return [
        Segment(cv2.resize(mask, (width, height), interpolation=cv2.INTER_LINEAR) > 0, float(certainty))
        for mask, certainty in zip(masks, certainties, strict=True)
    ]


def _points(
    boxes: Sequence[Box], beside: Sequence[tuple[float, float]]
) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Return the points of every box, (boxes, n, 2), and their labels, (boxes, n): 1 of the thing, 0 beside it."""
    inside = [
        [point for point in beside if box.x0 <= point[0] <= box.x1 and box.y0 <= point[1] <= box.y1] for box in boxes
    ]
    count = 1 + max(map(len, inside))
    points = np.zeros((len(boxes), count, 2), np.float32)
    labels = np.full((len(boxes), count), NO_POINT, np.int64)
    for number, (box, others) in enumerate(zip(boxes, inside, strict=True)):
        points[number, : 1 + len(others)] = [box.center, *others]
        labels[number, : 1 + len(others)] = [1, *[0] * len(others)]
    return points, labels
