"""Speed lines: tapering strokes rush across the panel, or close in on a place where one is named."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.motion import BoundEffect, EffectMaker, EffectScene, random_numbers
from tools.particles import INK, PAPER, SHIFT, Coat, FilmPlane, LoopingParticles

SETS = 4
"""Sets of lines that are shown in turn."""
RAYS, STREAKS = 150, 56
"""Lines at full strength, that close in and that rush across."""
DARK = 0.4
"""Mean tone, 0..1, below which a picture gets light lines."""


class Backend:
    """Draws speed lines."""

    version = 2
    fills_panel = True

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the speed lines of a panel."""
        return _SpeedLines(scene, strength, seed)


class _SpeedLines(LoopingParticles):
    """A few sets of wedges in page pixels."""

    def __init__(self, scene: EffectScene, strength: float, seed: int) -> None:
        super().__init__(scene, SETS)
        self.colour = PAPER if scene.tone < DARK else INK
        draw = _rays if scene.focus is not None else _streaks
        self.sets = [draw(scene, strength, random_numbers(seed, number)) for number in range(SETS)]

    def paint(self, plane: FilmPlane, phase: int) -> list[Coat]:
        mask = plane.blank
        for wedge in plane.points(self.sets[phase]):
            cv2.fillPoly(mask, [wedge], (225,), cv2.LINE_AA, SHIFT)
        return [(mask, self.colour)]


def _rays(scene: EffectScene, strength: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Return wedges from beyond the panel towards the place, which they leave clear, (n, 3, 2)."""
    region, focus = scene.region, scene.focus
    assert focus is not None
    count = max(8, round(RAYS * strength))
    angle = (np.arange(count) + random.uniform(-0.45, 0.45, count)) * 2 * np.pi / count
    far = np.hypot(region.box.width, region.box.height)
    direction = np.stack([np.cos(angle), np.sin(angle)], 1)
    clear = np.stack([direction[:, 0] * focus.width, direction[:, 1] * focus.height], 1) * 0.72
    inner = np.array(focus.center) + clear * random.uniform(1.0, 1.7, (count, 1))
    outer = np.array(focus.center) + direction * far
    across = np.stack([-direction[:, 1], direction[:, 0]], 1) * (far * random.uniform(0.002, 0.014, (count, 1)))
    return np.stack([inner, outer + across, outer - across], 1)


def _streaks(scene: EffectScene, strength: float, random: np.random.Generator) -> NDArray[np.float64]:
    """Return level wedges across the panel, fewer in its middle, (n, 3, 2)."""
    box, (wide, high) = scene.region.box, scene.wide_view
    count = max(6, round(STREAKS * strength * box.height / high))
    side = random.choice([-1.0, 1.0], count)
    y = box.center[1] + side * box.height / 2 * random.uniform(0.25, 1.0, count) ** 0.7
    long = random.uniform(0.35, 1.0, count) * min(box.width, 1.2 * wide)
    x = box.x0 + random.uniform(-0.2, 1.0, count) * box.width
    half = random.uniform(0.0012, 0.006, count) * high
    return np.stack([np.stack([x, y], 1), np.stack([x + long, y - half], 1), np.stack([x + long, y + half], 1)], 1)


_CHECKED: type[EffectMaker] = Backend
