"""Snow: flakes of several sizes sink and drift; on light pictures each has a thin grey edge."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.motion import BoundEffect, EffectMaker, EffectScene, random_numbers
from tools.particles import PAPER, SHIFT, Coat, FilmPlane, LoopingParticles
from tools.plates import Mask

SECONDS = 8.0
"""Length of the loop."""
FLAKES = 170
"""Flakes over a wide view at full strength."""
SIZES = (0.0020, 0.0068)
"""Least and largest radius of a flake, as a share of a wide view's width."""
FALL = 0.16
"""Falls a second of a middle flake, in heights of a wide view."""
DRIFT = 0.03
"""How far a flake drifts to each side, as a share of a wide view's width."""
EDGE, LIGHT = (120, 120, 126), 0.45
"""Colour of the edge, and the mean tone of a picture (0..1) above which flakes need one."""


class Backend:
    """Draws snow."""

    version = 2

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the snow of a panel."""
        return _Snow(scene, strength, seed)


class _Snow(LoopingParticles):
    """Flakes that fall a whole number of times in the loop; the large ones are nearer and fall faster."""

    def __init__(self, scene: EffectScene, strength: float, seed: int) -> None:
        super().__init__(scene, scene.clock.drawings(SECONDS))
        box, random = scene.region.box, random_numbers(seed)
        wide, high = scene.wide_view
        count = max(1, min(2000, round(FLAKES * strength * box.area / (wide * high))))
        depth = random.uniform(0, 1, count) ** 2  # most are far
        self.radii = (SIZES[0] + (SIZES[1] - SIZES[0]) * depth) * wide
        falls = (0.6 + 0.9 * depth) * FALL * high * SECONDS / (box.height + 2 * self.radii)
        self.cycles = np.maximum(1, np.round(falls)).astype(int)
        self.starts = random.uniform(0, 1, count)
        self.places = box.x0 + random.uniform(0, box.width, (count, int(self.cycles.max())))
        self.swings = random.integers(1, 4, count)
        self.turns = random.uniform(0, 2 * np.pi, count)
        self.drift = DRIFT * wide * (0.4 + 0.6 * depth)

    def paint(self, plane: FilmPlane, phase: int) -> list[Coat]:
        box, share = self.scene.region.box, phase / self.length
        fallen = self.starts + share * self.cycles
        y = box.y0 - self.radii + (fallen % 1.0) * (box.height + 2 * self.radii)
        x = self.places[np.arange(len(y)), fallen.astype(int) % self.cycles]
        x = x + self.drift * np.sin(2 * np.pi * share * self.swings + self.turns)
        centers = plane.points(np.stack([x, y], 1))
        radii = np.maximum(0.8, self.radii * plane.scale)
        flakes = _discs(plane, centers, radii, 255), PAPER
        return [(_discs(plane, centers, radii + 1.2, 150), EDGE), flakes] if self.scene.tone > LIGHT else [flakes]


def _discs(plane: FilmPlane, centers: NDArray[np.int32], radii: NDArray[np.float64], opacity: int) -> Mask:
    """Draw discs, (h, w) uint8.

    Args:
        plane: The part of the frame.
        centers: (n, 2) fixed-point coordinates in the part.
        radii: (n,) film pixels.
        opacity: How much they cover, 0..255.
    """
    mask = plane.blank
    for (x, y), radius in zip(centers.tolist(), radii.tolist(), strict=True):
        cv2.circle(mask, (x, y), round(radius * (1 << SHIFT)), (opacity,), -1, cv2.LINE_AA, SHIFT)
    return mask


_CHECKED: type[EffectMaker] = Backend
