"""Line boil: the lines tremble as if each drawing were traced anew, a few drawings in turn."""

from __future__ import annotations

import cv2
import numpy as np

from tools.motion import BoundEffect, EffectMaker, EffectScene, LoopingField, random_numbers
from tools.motion_regions import Floats, PlaneField

DRAWINGS = 4
"""Drawings that are shown in turn."""
REACH = 0.0022
"""How far lines move at full strength, as a share of the view's width: 4 pixels of 1920."""
WAVE = 0.03
"""Distance over which the tremble changes its direction, as a share of the view's width."""


class Backend:
    """Displaces lines by smooth noise."""

    version = 1

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the tremble of a panel."""
        region = scene.region
        reach = REACH * scene.view.width * strength
        fields = [_noise(scene, seed, number) for number in range(DRAWINGS)]
        middle = np.mean(fields, axis=0)  # the drawing as a whole stays where it is
        most = max(float(np.abs(field - middle).max()) for field in fields)
        falloff = region.falloff * (reach / max(most, 1e-6))

        def make(drawing: int) -> PlaneField:
            field = fields[drawing] - middle
            return region.field(field[..., 0] * falloff, field[..., 1] * falloff)

        return LoopingField(scene.clock, DRAWINGS, make)


def _noise(scene: EffectScene, seed: int, number: int) -> Floats:
    """Return smooth noise over the region, (h, w, 2)."""
    height, width = scene.region.weights.shape
    box, step = scene.region.box, WAVE * scene.view.width
    knots = random_numbers(seed, number).uniform(
        -1, 1, (max(2, round(box.height / step)), max(2, round(box.width / step)), 2)
    )
    return np.asarray(cv2.resize(knots.astype(np.float32), (width, height), interpolation=cv2.INTER_CUBIC), np.float32)


_CHECKED: type[EffectMaker] = Backend
