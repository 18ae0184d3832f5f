"""Rain: streaks of three depths fall over the picture, light on dark pictures and inked on light ones."""

from __future__ import annotations

import math

import cv2
import numpy as np

from tools.motion import BoundEffect, EffectMaker, EffectScene, random_numbers
from tools.particles import INK, PAPER, SHIFT, Coat, FilmPlane, LoopingParticles

SECONDS = 2.0
"""Length of the loop."""
DROPS = 260
"""Drops over a wide view at full strength."""
LEAN = math.tan(math.radians(9))
"""How far drops move to the left for each pixel of their fall."""
DEPTHS = ((0.9, 0.05, 1.0, 90), (1.4, 0.085, 1.5, 135), (2.0, 0.14, 2.2, 190))
"""Of far, middle and near drops: falls a second in heights of a wide view, length in such heights, width in pixels of a
film of 1920 x 1080, opacity 0..255."""
DARK = 0.62
"""Mean tone, 0..1, below which a picture is dark enough for light rain."""


class Backend:
    """Draws rain."""

    version = 2

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the rain of a panel."""
        return _Rain(scene, strength, seed)


class _Rain(LoopingParticles):
    """Drops, each with a place for every fall of the loop, so that the loop closes."""

    def __init__(self, scene: EffectScene, strength: float, seed: int) -> None:
        super().__init__(scene, scene.clock.drawings(SECONDS))
        box, (wide, high) = scene.region.box, scene.wide_view
        self.colour = PAPER if scene.tone < DARK else INK
        share = box.area / (wide * high)
        self.drops: list[tuple[np.ndarray, np.ndarray, int, float]] = []
        for depth, (falls, long, _, _) in enumerate(DEPTHS):
            random = random_numbers(seed, depth)
            count = max(1, min(1500, round(DROPS * strength * share * (0.45, 0.35, 0.2)[depth])))
            streak = long * high
            cycles = max(1, round(falls * high * SECONDS / (box.height + streak)))
            across = box.width + LEAN * box.height
            places = box.x0 + random.uniform(0, across, (count, cycles))
            self.drops.append((random.uniform(0, 1, count), places, cycles, streak))

    def paint(self, plane: FilmPlane, phase: int) -> list[Coat]:
        mask, box = plane.blank, self.scene.region.box
        for (starts, places, cycles, streak), (_, _, width, opacity) in zip(self.drops, DEPTHS, strict=True):
            fallen = starts + phase * cycles / self.length
            cycle = fallen.astype(int) % cycles
            y = box.y0 + (fallen % 1.0) * (box.height + streak)
            x = places[np.arange(len(starts)), cycle] - LEAN * (y - box.y0)
            heads = np.stack([x, y], 1)
            tails = np.stack([x + LEAN * streak, y - streak], 1)
            thick = plane.line_width(width)
            ends = plane.points(np.stack([tails, heads], 1))
            cv2.polylines(mask, list(ends), False, (opacity,), thick, cv2.LINE_AA, SHIFT)
        return [(mask, self.colour)]


_CHECKED: type[EffectMaker] = Backend
