"""Bring the last frames of a clip back to its plate before the next clip of a chain begins with them.

What a model drew has gone through its VAE and two resizings. Without correction each clip of a chain would start from
the errors of all clips before it.
"""

from __future__ import annotations

import numpy as np

from tools.plates import Image, Motion, Plate
from tools.video.motion_mask import motion_mask
from tools.video.pixel_protection import ProtectedFrames


def anchor_frames(frames: Image, plate: Plate, count: int, rate: float) -> Image:
    """Return the last frames of what was drawn so far, with the colours of the plate.

    Where nothing has moved yet, they are the plate itself, with its ink.

    Args:
        frames: All frames since the plate, (n, h, w, 3) RGB uint8.
        plate: The picture from which they started.
        count: How many of the last frames are returned.
        rate: Frames per second.
    """
    motion = Motion(frames, plate.box, rate)
    protected = ProtectedFrames(motion, plate, (), motion_mask=motion_mask(motion, plate))
    return np.stack([protected[number] for number in range(max(0, len(frames) - count), len(frames))])
