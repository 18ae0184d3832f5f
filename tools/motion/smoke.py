"""Smoke: it curls as it rises; bends run upwards through the drawing and grow on their way."""

from __future__ import annotations

import numpy as np

from tools.motion import BoundEffect, EffectMaker, EffectScene, LoopingField, random_numbers, wave
from tools.motion_regions import PlaneField

SECONDS = 4.0
"""Length of the loop."""
REACH = 0.007
"""How far its top moves at full strength, as a share of the view's width: 13 pixels of 1920."""
BEND, CURL = 0.16, 0.1
"""Lengths of the bends on the way up and of the curls across them, as shares of the view's width."""
FOOT = 0.12
"""How much of that its foot moves."""


class Backend:
    """Displaces a region by bends that run upwards, one in the loop's time and a smaller one twice."""

    version = 1

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the curling of a panel or of a place in it."""
        region, length = scene.region, scene.clock.drawings(SECONDS)
        u, v = region.grid
        x, y = u * (region.box.width / scene.view.width), v * (region.box.height / scene.view.width)
        size = REACH * scene.view.width * strength * (FOOT + (1.0 - FOOT) * (1.0 - v)) * region.falloff
        one, other = random_numbers(seed).uniform(0, 2 * np.pi, 2)
        bend = 2 * np.pi * y / BEND + one
        curl = 2 * np.pi * (x + 0.5 * y) / CURL + other

        def make(drawing: int) -> PlaneField:
            angle = wave(drawing, length)
            right = 0.7 * np.sin(bend + angle) + 0.3 * np.sin(curl + 2 * angle)
            down = 0.45 * np.cos(curl + angle)
            return region.field((size * right).astype(np.float32), (size * down).astype(np.float32))

        return LoopingField(scene.clock, length, make)


_CHECKED: type[EffectMaker] = Backend
