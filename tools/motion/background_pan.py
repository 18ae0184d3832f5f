"""A background pan: the ground runs past behind figures that are held, as behind somebody who walks or flies."""

from __future__ import annotations

from tools.motion import BoundEffect, EffectMaker, EffectScene, PlaneShift

MOST = 0.05
"""How far the ground runs to each side of where it was drawn at full strength, as a share of the view's width."""
FADE = 3.0
"""The way from the edge of a panel on which its ground comes to move, as a multiple of its reach."""


class Backend:
    """Moves the ground at an even speed, from the side to which the figures have more room, past them."""

    version = 1
    fills_panel = True
    moves_ground = True

    def bind(self, scene: EffectScene, *, strength: float, at: float | None, seed: int) -> BoundEffect:
        """Return the running ground of a panel, from the moment at which it appears."""
        return _BackgroundPan(scene, strength)


class _BackgroundPan(BoundEffect):
    """Where the ground is at each frame."""

    def __init__(self, scene: EffectScene, strength: float) -> None:
        self.scene = scene
        self.first = scene.clock.frame(scene.start)
        self.ground_reach = MOST * strength * scene.view.width
        self.ground_fade = FADE * self.ground_reach
        place, panel = scene.figures or scene.region.box, scene.region.box
        # people are drawn with room before them: they go there, and the ground goes the other way
        self.side = 1.0 if panel.x1 - place.x1 >= place.x0 - panel.x0 else -1.0

    @property
    def keeps_grey(self) -> bool:
        return True

    def ground_shift(self, frame: int) -> PlaneShift:
        last = max(1, self.scene.clock.frames - 1 - self.first)
        share = min(1.0, max(0.0, (frame - self.first) / last))
        way = share if self.scene.start > 0 else 2.0 * share - 1.0
        return PlaneShift(self.side * self.ground_reach * way, 0.0)


_CHECKED: type[EffectMaker] = Backend
