"""Petals: a few blossom petals tumble across the picture, white with an inked edge, or pink in a coloured book."""

from __future__ import annotations

from functools import cache

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.motion import BoundEffect, EffectMaker, EffectScene, random_numbers
from tools.particles import INK, PAPER, SHIFT, Coat, FilmPlane, LoopingParticles

SECONDS = 7.0
"""Length of the loop."""
PETALS = 40
"""Petals over a wide view at full strength."""
SIZES = (0.012, 0.028)
"""Least and largest length of a petal, as a share of a wide view's width."""
FALL, WIND = 0.15, 0.45
"""Falls a second in heights of a wide view, and the way to the left for each pixel of the fall."""
PINK = (248, 196, 210)


class Backend:
    """Draws petals."""

    version = 2

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the petals of a panel."""
        return _Petals(scene, strength, seed)


class _Petals(LoopingParticles):
    """Petals that fall, turn and tip over a whole number of times in the loop."""

    def __init__(self, scene: EffectScene, strength: float, seed: int) -> None:
        super().__init__(scene, scene.clock.drawings(SECONDS))
        box, random = scene.region.box, random_numbers(seed)
        wide, high = scene.wide_view
        count = max(1, min(600, round(PETALS * strength * box.area / (wide * high))))
        depth = random.uniform(0, 1, count)
        self.sizes = (SIZES[0] + (SIZES[1] - SIZES[0]) * depth) * wide
        self.cycles = np.maximum(1, np.round((0.7 + 0.6 * depth) * FALL * high * SECONDS / box.height)).astype(int)
        self.starts = random.uniform(0, 1, count)
        across = box.width + WIND * box.height
        self.places = box.x0 + random.uniform(0, across, (count, int(self.cycles.max())))
        self.turns, self.tips = random.integers(-3, 4, count), random.integers(2, 6, count)
        self.angles = random.uniform(0, 2 * np.pi, (2, count))
        self.colour = PAPER if scene.is_grey else PINK

    def paint(self, plane: FilmPlane, phase: int) -> list[Coat]:
        box, share = self.scene.region.box, phase / self.length
        fallen = self.starts + share * self.cycles
        margin = float(self.sizes.max())
        down = (fallen % 1.0) * (box.height + 2 * margin)
        y = box.y0 - margin + down
        x = self.places[np.arange(len(y)), fallen.astype(int) % self.cycles] - WIND * down
        x = x + 0.8 * self.sizes * np.sin(2 * np.pi * share * self.tips + self.angles[1])
        fills, edges = plane.blank, plane.blank
        thick = plane.line_width(1.6)
        for at in range(len(y)):
            turn = 2 * np.pi * share * self.turns[at] + self.angles[0][at]
            tip = 0.25 + 0.75 * abs(np.cos(2 * np.pi * share * self.tips[at] / 2 + self.angles[1][at]))
            shape = plane.points(petal_outline(turn, tip) * self.sizes[at] + (x[at], y[at]))
            cv2.fillPoly(fills, [shape], (235,), cv2.LINE_AA, SHIFT)
            cv2.polylines(edges, [shape], True, (190,), thick, cv2.LINE_AA, SHIFT)
        return [(fills, self.colour), (edges, INK if self.scene.is_grey else (190, 110, 135))]


def petal_outline(turn: float, tip: float) -> NDArray[np.float64]:
    """Return the outline of a petal of length 1 around (0, 0), (n, 2): turned in the plane and tipped over."""
    cos, sin = np.cos(turn), np.sin(turn)
    return np.asarray((_flat_outline() * (1.0, tip)) @ np.array([[cos, sin], [-sin, cos]]))


@cache
def _flat_outline() -> NDArray[np.float64]:
    """Return the outline of a petal of length 1 around (0, 0), (n, 2): notched, and seen from above."""
    s = np.linspace(0, 1, 15)
    half = 0.34 * np.sin(np.pi * s**0.75) ** 0.8
    along = s - 0.5
    upper, lower = np.stack([along, half], 1), np.stack([along, -half], 1)[::-1]
    return np.concatenate([upper[:-2], [[0.5, 0.10], [0.38, 0.0], [0.5, -0.10]], lower[2:]])


_CHECKED: type[EffectMaker] = Backend
