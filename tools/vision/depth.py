"""Estimate how near each part of a picture is with Depth Anything V2.

Source: Yang et al., Depth Anything V2 (2024).
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.plates import Image
from tools.vision.models import IMAGENET, VisionModel, normalize_picture, resize_picture

SIDE, MULTIPLE = 518, 14
"""The shorter side of what the model looks at, and what its sides are multiples of: those of its training."""
LONGEST = 4 * SIDE
"""The longest side in pixels: a strip of a page is shown narrower than SIDE."""


def estimate_nearness(model: VisionModel, picture: Image) -> NDArray[np.float32]:
    """Return how near each pixel is, (h, w) of 0..1: 0 the farthest, 1 the nearest; all 0 where there is no depth.

    Args:
        model: A `DepthAnythingForDepthEstimation`.
        picture: (h, w, 3) RGB uint8.
    """
    import torch

    height, width = picture.shape[:2]
    scale = min(SIDE / min(height, width), LONGEST / max(height, width))
    wide, high = (max(MULTIPLE, round(side * scale / MULTIPLE) * MULTIPLE) for side in (width, height))
    seen = normalize_picture(resize_picture(picture, wide, high), IMAGENET)
    with model.on_device() as depth, torch.inference_mode():
        found = depth(pixel_values=torch.from_numpy(seen)[None].to(depth.device, depth.dtype))
        field: NDArray[np.float32] = found.predicted_depth[0].float().cpu().numpy()
    nearness = np.asarray(cv2.resize(field, (width, height), interpolation=cv2.INTER_LINEAR), np.float32)
    farthest = float(nearness.min())
    return np.asarray((nearness - farthest) / (float(nearness.max()) - farthest or 1.0), np.float32)
