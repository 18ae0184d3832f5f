"""Frames that a model drew and the plate they were drawn from in, where anything stirs in them out.

This is what decides whose a moving picture is. Where nothing stirs, the plate itself is laid over the frames
(`keeping`): those pixels are the artist's, exactly, and not a model's likeness of them. Where something stirs at any
moment, the model's frames show from the first to the last, and all of it counts as generated.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.filming.keeping import Kept
from tools.pixels import as_image
from tools.plates import Image, Mask, Motion, Plate

WIDTH = 480
"""Pixels that frames are wide when they are looked at: a model's softer lines and grain are not seen from there."""
STIRS = 10
"""Tones by which a place must change over a clip to stir."""
OTHER = 20
"""Tones by which it must differ from the plate to be another picture, though it stands still."""
_GAP, _MARGIN = 15, 7
"""Pixels: what is closed between places that stir, and what is added around them."""


def stirring(motion: Motion, plate: Plate) -> Mask:
    """255 where something stirs, or is not what the plate shows; (h, w) of the plate, at most WIDTH wide.

    Colours are compared as they are filmed, matched to the plate's: a tint that drifts stirs nothing. On pages of the
    bench, a still that went through a model's size, blur, grain and compression stirs on less than 0.1 % of its
    pixels, strokes that sway by 2 pixels of 832 stir.
    """
    height, width = plate.pixels.shape[:2]
    wide = min(WIDTH, width)
    size = wide, max(1, round(height * wide / width))
    small = Plate(_at(size, plate.pixels), plate.box, _at(size, plate.original))
    seen = Motion(np.stack([_at(size, frame) for frame in motion.frames]), motion.box, motion.rate)
    matched = Kept(seen, small, ())
    least, most, total = (np.zeros((size[1], size[0], 3), np.float32) for _ in range(3))
    for number in range(len(matched)):
        frame = _soft(matched[number])
        least = np.minimum(least, frame) if number else frame
        most = np.maximum(most, frame) if number else frame
        total = total + frame
    other = np.abs(total / len(matched) - _soft(small.pixels)).max(axis=2) > OTHER
    found = (((most - least).max(axis=2) > STIRS) | other).astype(np.uint8) * 255
    found = cv2.morphologyEx(found, cv2.MORPH_OPEN, np.ones((2, 2), np.uint8))
    found = cv2.morphologyEx(found, cv2.MORPH_CLOSE, np.ones((_GAP, _GAP), np.uint8))
    return np.asarray(cv2.dilate(found, np.ones((_MARGIN, _MARGIN), np.uint8)), np.uint8)


def _at(size: tuple[int, int], picture: Image) -> Image:
    return as_image(cv2.resize(picture, size, interpolation=cv2.INTER_AREA))


def _soft(picture: Image) -> NDArray[np.float32]:
    return np.asarray(cv2.GaussianBlur(picture.astype(np.float32), (0, 0), 1.0), np.float32)
