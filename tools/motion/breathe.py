"""Breathing: the region rises and widens a little with each breath, held at its foot."""

from __future__ import annotations

import math

from tools.motion import BoundEffect, EffectMaker, EffectScene, LoopingField, wave
from tools.motion_regions import PlaneField

SECONDS = 3.6
"""Length of a breath at rest: about 16 in a minute."""
RISE, WIDEN, MOST = 0.018, 0.012, 0.008
"""How far it rises and widens at full strength, as a share of its height and width, and at most of the view's width."""


class Backend:
    """Stretches a region upwards and sideways; in is quicker than out."""

    version = 1

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the breathing of a panel or of a place in it."""
        region, length = scene.region, scene.clock.drawings(SECONDS)
        most = MOST * scene.view.width
        rise = min(RISE * region.box.height, most) * strength
        widen = min(WIDEN * region.box.width, most) * strength
        u, v = region.grid
        up, out = (1.0 - v) * region.falloff, -2.0 * (u - 0.5) * (1.0 - v) * region.falloff

        def make(drawing: int) -> PlaneField:
            breath = breath_at(wave(drawing, length))
            return region.field(widen * breath * out, rise * breath * up)

        return LoopingField(scene.clock, length, make)


def breath_at(angle: float) -> float:
    """Return how full the lungs are, 0..1, at an angle of the breath; its rise takes two fifths of it."""
    share = (angle / (2 * math.pi)) % 1.0
    half = share / 0.4 if share < 0.4 else 1.0 - (share - 0.4) / 0.6
    return 0.5 - 0.5 * math.cos(math.pi * half)


_CHECKED: type[EffectMaker] = Backend
