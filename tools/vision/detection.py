"""Find boxes around what words name with OWLv2, an open-vocabulary detector.

Source: Minderer, Gritsenko and Houlsby, Scaling Open-Vocabulary Object Detection (2023).
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
from tools.vision.models import CLIP, normalize_picture, resize_picture

PADDING = 127
"""The tone that fills up a picture to a square, half of the range."""
OVERLAP = 0.5
"""Intersection over union at which the less certain one of two boxes is dropped."""
MOST_TOKENS = 16
"""Tokens of a text that the model reads."""


@dataclass(frozen=True)
class Detection:
    """A box around something that a text names.

    Attributes:
        box: In pixels of the picture.
        score: How well it fits the text, 0..1.
    """

    box: Box
    score: float


def detect(detector: Any, tokenizer: Any, picture: Image, texts: Sequence[str]) -> list[Detection]:
    """Find what any of some texts names.

    Args:
        detector: A loaded `Owlv2ForObjectDetection`.
        tokenizer: Its tokenizer.
        picture: (h, w, 3) RGB uint8.
        texts: Ways to name one thing.

    Returns:
        All boxes, the best first; of boxes in one place the best alone.
    """
    import torch

    height, width = picture.shape[:2]
    longer, side = max(height, width), int(detector.config.vision_config.image_size)
    square = np.full((longer, longer, 3), PADDING, np.uint8)
    square[:height, :width] = picture
    seen = torch.from_numpy(normalize_picture(resize_picture(square, side, side), CLIP))[None]
    tokens = tokenizer(list(texts), padding="max_length", truncation=True, max_length=MOST_TOKENS, return_tensors="pt")
    with torch.inference_mode():
        found = detector(
            input_ids=tokens["input_ids"].to(detector.device),
            attention_mask=tokens["attention_mask"].to(detector.device),
            pixel_values=seen.to(detector.device, detector.dtype),
        )
        scores: NDArray[np.float32] = found.logits[0].max(dim=-1).values.sigmoid().float().cpu().numpy()
        boxes: NDArray[np.float32] = found.pred_boxes[0].float().cpu().numpy() * longer
    return _best_boxes(boxes, scores, width, height)


def _best_boxes(boxes: NDArray[np.float32], scores: NDArray[np.float32], width: int, height: int) -> list[Detection]:
    """Return boxes given as centre and size, within the picture, without those that lie on a better one."""
    corners = np.hstack([boxes[:, :2] - boxes[:, 2:] / 2, boxes[:, 2:]])
    kept = cv2.dnn.NMSBoxes(corners.tolist(), scores.tolist(), 0.0, OVERLAP)
    found = []
    for number in np.asarray(kept, int).ravel():
        x, y, w, h = (float(value) for value in corners[number])
        box = Box(max(0.0, x), max(0.0, y), min(float(width), x + w), min(float(height), y + h))
        if box.x1 - box.x0 >= 1 and box.y1 - box.y0 >= 1:
            found.append(Detection(box, float(scores[number])))
    return found
