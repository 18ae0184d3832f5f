"""Flickering light: the picture darkens and lightens like under a flame or a failing lamp."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Box
from tools.motion import BoundEffect, EffectMaker, EffectScene, random_numbers
from tools.motion_regions import pixel_span
from tools.plates import Image

SECONDS = 2.5
"""Length of the loop."""
DEPTH = 0.5
"""How much darker it gets at full strength, as a share of the light."""


class Backend:
    """Darkens a region in the rhythm of a flame."""

    version = 1

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the flicker of a panel or of a place in it."""
        return _Flicker(scene, strength, seed)


class _Flicker(BoundEffect):
    """Levels of light, one a drawing, smoothed over neighbours and around the loop."""

    def __init__(self, scene: EffectScene, strength: float, seed: int) -> None:
        self.scene = scene
        self.length = scene.clock.drawings(SECONDS)
        noise = random_numbers(seed).uniform(0, 1, self.length) ** 2
        self.levels = DEPTH * strength * (0.25 * np.roll(noise, 1) + 0.5 * noise + 0.25 * np.roll(noise, -1))

    @property
    def keeps_grey(self) -> bool:
        return True

    def phase(self, frame: int) -> int:
        return self.scene.clock.drawing(frame) % self.length

    def draw(self, picture: Image, box: Box, frame: int) -> Image:
        size = picture.shape[1], picture.shape[0]
        region = self.scene.region
        span = pixel_span(region.box, box, size)
        if span is None:
            return picture
        x0, y0, x1, y1 = span
        darker = np.float32(self.levels[self.phase(frame)] / 255) * region.drawable_over(box, size, span)
        if region.has_own_box:
            darker *= region.falloff_over(box, size, span)
        lit = picture.copy()
        part = lit[y0:y1, x0:x1]
        light = 1.0 - darker
        part[:] = cv2.multiply(part, light if part.ndim == 2 else cv2.merge([light] * 3), dtype=cv2.CV_8U)
        return lit


_CHECKED: type[EffectMaker] = Backend
