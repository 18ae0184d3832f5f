"""Find the pixels of a frame that effects drew over, such as drops of rain: they are not the artist's."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from storage.domain import CameraKey, Ease, VideoFormat
from tools.composite import PlacedEffect
from tools.plates import Mask
from tools.video.camera_path import camera_at


def find_drawn_pixels(
    effects: Sequence[PlacedEffect],
    camera: Sequence[CameraKey],
    ease: Ease,
    screen: VideoFormat,
    seconds: float,
    t: float,
) -> Mask:
    """Return what effects draw over a frame, not what they only displace, darken or shake.

    Args:
        effects: The effects of the shot.
        camera: The camera keys.
        ease: How the camera moves between two keys.
        screen: The video format.
        seconds: The length of the shot.
        t: The moment, 0..1.

    Returns:
        (screen.height, screen.width) uint8, 255 where more than half of a pixel is covered, else 0.
    """
    number, box = round(t * max(0, screen.frame_count(seconds) - 1)), camera_at(camera, t, ease)
    acting = [placed.effect for placed in effects if placed.share(t) > 0.5]
    for effect in acting:
        box = effect.view(box, number)
    channels = () if all(effect.keeps_grey for effect in acting) else (3,)
    black = np.zeros((screen.height, screen.width, *channels), np.uint8)
    white = np.full_like(black, 255)
    for effect in acting:
        black, white = (effect.draw(ground, box, number) for ground in (black, white))
    seen = cv2.subtract(white, black)
    return np.where((seen.max(axis=2) if channels else seen) < 128, 255, 0).astype(np.uint8)
