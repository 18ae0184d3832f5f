"""Find balloons that overlap a neighbouring panel, and the part of each that is shown whole there.

Balloons lie across frames: a panel that is cut out alone would show a part of its neighbour's lettering. Shown whole,
the lettering reads as it does on the page.
"""

from __future__ import annotations

import math
from collections.abc import Iterator

from storage.domain import Balloon, Box, Panel
from tools import geometry

CUT_SHARE = 0.25
"""If more than this share of a balloon's lettering lies in a panel, the lettering is visible there."""
SOUND_SHARE = 0.9
"""An outline ran out into the gutter if less than this share of its area lies around the lettering."""


def overlaps_panel(balloon: Balloon, panel: Panel) -> bool:
    """Return whether the lettering of a balloon reaches into a panel that is not its own."""
    inside = geometry.share_inside(balloon.box, panel.polygon or geometry.box_polygon(panel.box))
    return inside > CUT_SHARE and balloon.box.area < panel.box.area


def without_tail(balloon: Balloon) -> Balloon:
    """Return a balloon without its tail, which points at a character in its own panel, and without a faulty outline."""
    outline = balloon.outline
    for line in _ellipse_tangents(balloon.box):
        outline = geometry.clip_polygon(outline, line) if outline else ()
    is_intact = geometry.polygon_area(outline) >= SOUND_SHARE * geometry.polygon_area(balloon.outline)
    return balloon.model_copy(update={"outline": outline if is_intact else ()})


def _ellipse_tangents(lettering: Box, sides: int = 24) -> Iterator[geometry.Line]:
    """Yield tangents of the ellipse that a balloon fills around its lettering: 1.41 times the box and a margin."""
    (x, y), room = lettering.center, 0.08 * (lettering.width + lettering.height)
    a, b = 0.71 * lettering.width + room, 0.71 * lettering.height + room
    for turn in range(sides):
        nx, ny = math.cos(math.tau * turn / sides), math.sin(math.tau * turn / sides)
        yield geometry.Line(nx, ny, nx * x + ny * y + math.hypot(a * nx, b * ny))
