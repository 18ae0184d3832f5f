"""Find the balloons of a shot that may pop when they come: around them there is room that can give way."""

from __future__ import annotations

from collections.abc import Sequence

from agents.shots import ShotToFilm
from storage.domain import Balloon, Box, Polygon
from tools.balloon_pop import pop_room
from tools.geometry import bounding_box, box_polygon, overlap_box, share_inside

WHOLE = 0.999
"""Least share of the room around a balloon that lies within its panel: a frame line would be bent."""


def find_popping_balloons(shot: ShotToFilm) -> list[Polygon]:
    """Return the outlines of the balloons that pop, in order; none where the shot's lettering is another."""
    if shot.plan.render_options.lettering != "pop":
        return []
    panels = {panel.id: panel.polygon or box_polygon(panel.box) for panel in shot.panels}
    return sorted(
        balloon.outline
        for balloon in shot.balloons
        if len(balloon.outline) >= 3
        and share_inside(pop_room(balloon.outline), panels.get(balloon.panel or "", ())) >= WHOLE
        and not _is_crowded(balloon, shot.balloons)
    )


def _is_crowded(balloon: Balloon, balloons: Sequence[Balloon]) -> bool:
    """Return whether another balloon or lettering stands in the room around one."""
    room = pop_room(balloon.outline)
    return any(overlap_box(room, _place(other)) is not None for other in balloons if other.id != balloon.id)


def _place(balloon: Balloon) -> Box:
    return bounding_box(balloon.outline) if balloon.outline else balloon.box
