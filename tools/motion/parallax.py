"""Parallax: the ground follows the camera less than the figures before it; where the camera rests, it drifts slowly."""

from __future__ import annotations

import math

from storage.domain import Box
from tools.motion import BoundEffect, EffectMaker, EffectScene, PlaneShift

MOST = 0.024
"""How far the ground goes to each side at full strength, as a share of the view's width."""
FOLLOW = 0.3
"""How much of the camera's way the ground stays behind at most, at full strength."""
FADE = 6.0
"""The way from the edge of a panel on which its ground comes to move, as a multiple of its reach."""
LEAST = 0.5
"""Share of its reach that the camera's move must give the ground: with less of it, it drifts beside."""


class Backend:
    """Moves the ground of a panel against its figures, by a bounded way."""

    version = 1
    fills_panel = True
    moves_ground = True

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the parallax of a panel, from the moment at which it appears."""
        return _Parallax(scene, strength)


class _Parallax(BoundEffect):
    """How far behind the camera the ground is at each frame."""

    def __init__(self, scene: EffectScene, strength: float) -> None:
        self.scene = scene
        self.first = scene.clock.frame(scene.start)
        self.ground_reach = MOST * strength * scene.view.width
        self.ground_fade = FADE * self.ground_reach
        # a panel that is there from the start is as it was drawn in the middle of the shot
        middle = (scene.clock.frames - 1) / 2 if scene.start <= 0 else self.first
        self.rest = scene.camera_box(round(middle))
        numbers = range(self.first, scene.clock.frames)
        ways = [self._way(scene.camera_box(number)) for number in numbers]
        largest = max((way.size(scene.view) for way in ways), default=0.0)
        self.share = min(FOLLOW * strength, self.ground_reach / largest) if largest > 0 else 0.0
        led = self.share * largest
        self.drift = self.ground_reach - led if led < LEAST * self.ground_reach else 0.0

    @property
    def keeps_grey(self) -> bool:
        return True

    def ground_shift(self, frame: int) -> PlaneShift:
        way = self._way(self.scene.camera_box(frame))
        drift = self.drift * self._drift_at(frame)
        return PlaneShift(self.share * way.x + drift, self.share * way.y, way.nearer**self.share)

    def _way(self, box: Box) -> PlaneShift:
        """Return how far the camera is from where it rests."""
        (x, y), (rest_x, rest_y) = box.center, self.rest.center
        return PlaneShift(rest_x - x, rest_y - y, self.rest.width / box.width)

    def _drift_at(self, frame: int) -> float:
        """Return the drift at a frame, from -1 to 1, or from 0 to 1 in a panel that appears later."""
        last = max(1, self.scene.clock.frames - 1 - self.first)
        share = min(1.0, max(0.0, (frame - self.first) / last))
        if self.scene.start > 0:
            return 0.5 - 0.5 * math.cos(math.pi * share)
        return -math.cos(math.pi * share)


_CHECKED: type[EffectMaker] = Backend
