"""Water: its surface ripples; waves of two lengths run through the drawing, larger where it is nearer."""

from __future__ import annotations

import numpy as np

from tools.motion import BoundEffect, EffectMaker, EffectScene, LoopingField, random_numbers, wave
from tools.motion_regions import PlaneField

SECONDS = 3.0
"""Length of the loop."""
REACH = 0.0035
"""How far the surface moves at full strength, as a share of the view's width: 7 pixels of 1920."""
LONG, SHORT = 0.09, 0.05
"""Lengths of the waves, as shares of the view's width."""
FAR = 0.4
"""Size of the waves at the upper side of the place, which is further away, beside that at its lower side."""


class Backend:
    """Displaces a region by waves that run to the side, one in the loop's time and one twice."""

    version = 1

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the ripples of a panel or of a place in it."""
        region, length = scene.region, scene.clock.drawings(SECONDS)
        u, v = region.grid
        x, y = u * (region.box.width / scene.view.width), v * (region.box.height / scene.view.width)
        size = REACH * scene.view.width * strength * (FAR + (1.0 - FAR) * v) * region.falloff
        one, other = random_numbers(seed).uniform(0, 2 * np.pi, 2)
        first = 2 * np.pi * (x + 0.35 * y) / LONG + one
        second = 2 * np.pi * (0.8 * x - 0.6 * y) / SHORT + other

        def make(drawing: int) -> PlaneField:
            angle = wave(drawing, length)
            down = 0.65 * np.sin(first - angle) + 0.35 * np.sin(second + 2 * angle)
            right = 0.5 * np.cos(first - angle)
            return region.field((size * right).astype(np.float32), (size * down).astype(np.float32))

        return LoopingField(scene.clock, length, make)


_CHECKED: type[EffectMaker] = Backend
