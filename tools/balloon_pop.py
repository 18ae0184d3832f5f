"""Let a balloon pop when it comes: it swells by a few per cent for three frames, and then is as it was drawn."""

from __future__ import annotations

import math
from functools import cache

import cv2
import numpy as np

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, grow
from tools.motion import FILM_RATE, BoundEffect
from tools.motion_regions import PlaneField, smooth_step

SIZES = (1.045, 1.03, 1.012)
"""How large the balloon is in the frames of its pop, at 24 a second."""
BAND = 0.12
"""Width of the band around a balloon that gives way, as a share of its longer side: narrower ones would fold lines."""
CELLS = 64
"""Cells of the displacement across the longer side of a balloon and its band."""


def pop_room(outline: Polygon) -> Box:
    """Return the box around a balloon that its pop displaces, in page pixels."""
    box = bounding_box(outline)
    band = BAND * max(box.width, box.height)
    return grow(box, band, band)


class BalloonPop(BoundEffect):
    """The pop of one balloon. What lies around it gives way smoothly, so that nothing tears.

    Args:
        outline: The white shape of the balloon, in page pixels.
        at: The moment of its first frame, as a share of the shot from 0 to 1.
        frames: The number of frames of the shot.
        fps: Frames per second.
    """

    def __init__(self, outline: Polygon, at: float, *, frames: int, fps: float) -> None:
        self._outline = outline
        self._start = math.ceil(at * max(1, frames - 1) - 1e-9)
        self._hold = max(1, round(fps / FILM_RATE))
        self._field = cache(self._swell)

    @property
    def keeps_grey(self) -> bool:
        """Return True: no pixel gets another colour."""
        return True

    def phase(self, frame: int) -> int:
        """Return the number of the size, from 1 on; 0 before and after the pop."""
        number = (frame - self._start) // self._hold
        return number + 1 if 0 <= number < len(SIZES) else 0

    def displacement(self, frame: int) -> PlaneField | None:
        """Return the field that swells the balloon in a frame; None where it is as drawn."""
        phase = self.phase(frame)
        return self._field(phase) if phase else None

    def _swell(self, phase: int) -> PlaneField:
        room, balloon = pop_room(self._outline), bounding_box(self._outline)
        scale = CELLS / max(room.width, room.height)
        width, height = max(4, round(room.width * scale)), max(4, round(room.height * scale))
        sx, sy = width / room.width, height / room.height
        points = (np.array(self._outline, np.float64) - (room.x0, room.y0)) * (sx, sy) - 0.5
        beyond = np.full((height, width), 255, np.uint8)
        cv2.fillPoly(beyond, [np.round(points * 16).astype(np.int32)], (0,), cv2.LINE_8, 4)
        distance = cv2.distanceTransform(beyond, cv2.DIST_L2, cv2.DIST_MASK_PRECISE)
        band = BAND * max(balloon.width, balloon.height) * scale - 1.5  # the outermost cells stay
        weight = smooth_step(1.0 - np.asarray(distance, np.float64) / band)
        x, y = np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5)
        nearer = weight * (1.0 / SIZES[phase - 1] - 1.0)
        center = balloon.center
        right, down = (room.x0 + x / sx - center[0]) * nearer, (room.y0 + y / sy - center[1]) * nearer
        return PlaneField(np.dstack([right, down]).astype(np.float32), room)
