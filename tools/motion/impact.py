"""An impact: the camera jolts for a few frames, nearer and aside, and comes to rest."""

from __future__ import annotations

import math

from storage.domain import Box
from tools.motion import FILM_RATE, BoundEffect, EffectMaker, EffectScene, random_numbers

FRAMES = 8
"""Frames of the jolt at 24 a second."""
MOST = 0.02
"""How much nearer the view comes at most, as a share of its size."""


class Backend:
    """Jolts the view; the shaken view lies within the planned one, so that nothing new comes into it."""

    version = 1
    moves_camera = True

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the jolt of a shot."""
        return _Impact(scene, strength, at or 0.0, seed)


class _Impact(BoundEffect):
    """A view for each frame of the jolt."""

    def __init__(self, scene: EffectScene, strength: float, at: float, seed: int) -> None:
        self.scene = scene
        self.start = scene.clock.frame(at)
        self.frames = max(1, round(FRAMES * scene.clock.fps / FILM_RATE))
        self.reach = MOST * strength
        self.angle = float(random_numbers(seed).uniform(0, 2 * math.pi))

    @property
    def keeps_grey(self) -> bool:
        return True

    def phase(self, frame: int) -> int:
        number = frame - self.start
        return number + 1 if 0 <= number < self.frames else 0

    def view(self, box: Box, frame: int) -> Box:
        number = self.phase(frame) - 1
        if number < 0:
            return box
        near = self.reach * (1.0 - number / self.frames) ** 2
        for share in (1.0, 0.5, 0.25):
            shaken = self._shake(box, near * share, number)
            if all(_holds(shaken, line) for line in self.scene.lettering if _holds(box, line)):
                return shaken
        return box

    def _shake(self, box: Box, near: float, number: int) -> Box:
        """Return the view nearer by a share, and as far aside as that leaves room."""
        angle = self.angle + number * 0.8 * math.pi  # each frame nearly against the one before
        x, y = box.center
        x, y = x + 0.5 * near * box.width * math.cos(angle), y + 0.5 * near * box.height * math.sin(angle)
        half = (1.0 - near) / 2
        return Box(x - half * box.width, y - half * box.height, x + half * box.width, y + half * box.height)


def _holds(view: Box, box: Box) -> bool:
    return view.x0 <= box.x0 and view.y0 <= box.y0 and view.x1 >= box.x1 and view.y1 >= box.y1


_CHECKED: type[EffectMaker] = Backend
