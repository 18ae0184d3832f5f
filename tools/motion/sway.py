"""Sway: what stands in the region bends to and fro in the wind, held at its foot."""

from __future__ import annotations

import numpy as np

from tools.motion import BoundEffect, EffectMaker, EffectScene, LoopingField, random_numbers, wave
from tools.motion_regions import PlaneField

SECONDS = 3.2
"""Length of one sway to and fro."""
REACH, MOST = 0.035, 0.012
"""How far its top moves at full strength: as a share of its height, and at most of the view's width."""


class Backend:
    """Bends a region sideways; the bend runs upwards through it."""

    version = 1

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the sway of a panel or of a place in it."""
        region, length = scene.region, scene.clock.drawings(SECONDS)
        reach = min(REACH * region.box.height, MOST * scene.view.width) * strength
        _, v = region.grid
        rise = (1.0 - v) ** 1.3 * region.falloff
        start = float(random_numbers(seed).uniform(0, 2 * np.pi))
        level = np.zeros_like(rise)

        def make(drawing: int) -> PlaneField:
            angle = wave(drawing, length) + start
            bend = 0.8 * np.sin(angle - 1.4 * (1.0 - v)) + 0.2 * np.sin(2 * angle - 3.0 * (1.0 - v))
            return region.field((reach * rise * bend).astype(np.float32), level)

        return LoopingField(scene.clock, length, make)


_CHECKED: type[EffectMaker] = Backend
