"""Encode a picture as a small JPEG."""

from __future__ import annotations

import cv2

from tools.plates import Image

POSTER_LONGEST = 1280
"""Pixels of the longer side of a film's poster."""
QUALITY = 88
"""JPEG quality, 0..100."""


def encoded_size(image: Image, *, longest: int) -> tuple[int, int]:
    """Return the width and height of a picture whose longer side is limited to `longest` pixels."""
    height, width = image.shape[:2]
    scale = min(1.0, longest / max(height, width))
    return max(1, round(width * scale)), max(1, round(height * scale))


def encode_jpeg(image: Image, *, longest: int) -> bytes:
    """Encode a picture as JPEG, scaled down so that its longer side has at most `longest` pixels.

    Args:
        image: (h, w, 3) RGB uint8.
        longest: Pixels of the longer side.
    """
    size, (height, width) = encoded_size(image, longest=longest), image.shape[:2]
    small = image if size == (width, height) else cv2.resize(image, size, interpolation=cv2.INTER_AREA)
    encoded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, QUALITY])[1]
    return bytes(encoded)
