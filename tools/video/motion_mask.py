"""Find where generated frames move, or differ from the plate that they were generated from.

The mask decides which pixels of an animated plate are the artist's. Where nothing moves, the plate itself is laid over
the frames (`tools.video.pixel_protection`): those pixels are exactly the artist's, not a model's copy of them. Where
something moves at any moment, the model's frames are shown from first to last, and all of it counts as generated.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.pixels import as_image, is_grey
from tools.plates import Image, Mask, Motion, Plate
from tools.video.pixel_protection import ProtectedFrames

WIDTH = 480
"""The width in pixels at which frames are compared: softer lines and grain of a model are not visible at this size."""
MOVES = 10
"""A pixel moves if its tone (0..255) changes by more than this over a clip."""
OTHER = 20
"""A pixel that stands still differs from the plate if its mean tone (0..255) is off by more than this."""
_GAP_PIXELS, _MARGIN_PIXELS = 15, 7
"""Pixels: the size of gaps that are closed in the mask, and of the margin that is added around it."""


def motion_mask(motion: Motion, plate: Plate) -> Mask:
    """Return a mask of where a clip moves, or shows something else than its plate.

    Frames are matched to the colours of the plate first, so that a drifting tint is no motion. On pages of the
    benchmark, a still that went through a model's size, blur, grain and compression moves on less than 0.1 % of its
    pixels, and strokes that sway by 2 pixels of 832 are found.

    Args:
        motion: The generated frames.
        plate: The plate that they were generated from.

    Returns:
        255 where something moves; (h, w) uint8 in the shape of the plate, at most WIDTH wide.
    """
    height, width = plate.pixels.shape[:2]
    small_width = min(WIDTH, width)
    size = small_width, max(1, round(height * small_width / width))
    small = Plate(_resize(size, plate.pixels), plate.box, _resize(size, plate.original))
    seen = Motion(np.stack([_resize(size, frame) for frame in motion.frames]), motion.box, motion.rate, motion.keys)
    matched = ProtectedFrames(seen, small, ())
    channels = 1 if is_grey(small.pixels, small.original) else 3
    still = _blur(small.pixels, channels)
    darkest, lightest, total = np.full_like(still, 255), np.zeros_like(still), np.zeros_like(still)
    for number in range(len(matched)):
        frame = _blur(matched.matched_frame(number), channels)
        np.minimum(darkest, frame, out=darkest)
        np.maximum(lightest, frame, out=lightest)
        total += frame
    is_moving = lightest - darkest > MOVES
    is_different = np.abs(total / len(matched) - still) > OTHER
    mask = np.asarray((is_moving | is_different).any(axis=2) * 255, np.uint8)
    cleaned = cv2.morphologyEx(mask, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    cleaned = cv2.morphologyEx(cleaned, cv2.MORPH_CLOSE, np.ones((_GAP_PIXELS, _GAP_PIXELS), np.uint8))
    return np.asarray(cv2.dilate(cleaned, np.ones((_MARGIN_PIXELS, _MARGIN_PIXELS), np.uint8)), np.uint8)


def _resize(size: tuple[int, int], picture: Image) -> Image:
    return as_image(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _blur(picture: NDArray[np.generic], channels: int) -> NDArray[np.float32]:
    """Return the picture slightly blurred, (h, w, channels) float32; one channel is enough for a grey picture."""
    pixels = np.ascontiguousarray(picture[..., :channels], np.float32)
    return np.asarray(cv2.GaussianBlur(pixels, (0, 0), 1.0), np.float32).reshape(pixels.shape)
