"""A picture in, a small JPEG of it out, for somebody who looks from afar."""

from __future__ import annotations

import cv2

from tools.plates import Image

QUALITY = 88


def encode(image: Image, *, longest: int) -> bytes:
    """Encode (h, w, 3) RGB uint8, averaged down so that its longer side has at most `longest` pixels."""
    height, width = image.shape[:2]
    scale = min(1.0, longest / max(height, width))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    small = image if scale == 1 else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    coded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return bytes(coded)
