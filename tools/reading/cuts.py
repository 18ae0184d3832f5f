"""A sheet and lines worth looking at in, the regions that the frame lines divide it into out.

Manga pages are laid out by dividing: rows first, then panels, sometimes a panel again, each time by one straight line
from edge to edge. So the page is divided in the same way, the surest line first; its two parts are judged anew, since a
line that is weak across the whole page can be perfect across one row. A gutter is two frame lines: the strip of paper
that lies between them becomes a region of its own, and a blank region is no panel.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import cv2
import numpy as np

from storage.shapes import Polygon
from tools.geometry import Line, Points, area, bounds, chord, clip, contains
from tools.reading.evidence import BLACK, Evidence, weigh
from tools.reading.frame_lines import Candidate
from tools.reading.sheet import Sheet

SLIVER = 0.045
"""A region narrower than this share of the sheet's side is no panel."""

SHORTEST_BARE = 0.3
"""A line without gutter must be longer than this share of the side: drawings are full of short straight strokes."""
NEVER = (2.0, 0.0)
LONG = 0.4
"""A line longer than this share of the side may be interrupted by a figure."""
STEEP = 0.45
"""Sine of the lean from upright or level beyond which a gutter is rare and must be seen nearly whole."""
MARGIN, SPILL = 0.13, 0.2
"""Paper beyond a panel's frame that is thinner than MARGIN sides and inked less than SPILL is margin: what is drawn
there leans out of the panel."""


@dataclass
class Region:
    """A part of the page between frame lines; `framed` holds the strokes that bound it."""

    polygon: Polygon
    framed: list[Line] = field(default_factory=list)


def thickness(points: Points) -> float:
    """How narrow a polygon is: its area over its longer extent."""
    if not points:
        return 0.0
    box = bounds(points)
    return area(points) / max(box.width, box.height, 1e-9)


def ink_share(sheet: Sheet, points: Points, below: int = 200) -> float:
    """Share of a convex polygon darker than `below`, without its outermost pixels: the frame's soft edge."""
    box = bounds(points)
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    x1, y1 = min(sheet.width, int(box.x1) + 1), min(sheet.height, int(box.y1) + 1)
    if x1 <= x0 or y1 <= y0:
        return 0.0
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(points) - (x0, y0)).astype(np.int32)], 255)
    mask = np.asarray(cv2.erode(mask, np.ones((5, 5), np.uint8), borderValue=0), dtype=np.uint8)
    inside = mask > 0
    if not inside.any():
        return 0.0
    return float((sheet.grey[y0:y1, x0:x1][inside] < below).mean())


def worth(evidence: Evidence, side: float) -> float:
    """How sure an edge is, 0 for none; `side` is the sheet's, in pixels.

    A bare line must hold nearly everywhere, since drawings are full of straight lines. With paper beside it less is
    enough, above all where the line holds at both ends (a figure leans over its middle) or where the next frame stands
    beyond the paper. The less of a line is in sight, the better that part must be.
    """
    if evidence.span < 0.6 or evidence.known < _least_known(evidence, side):
        return 0.0
    share, gap = _needed(evidence, side)
    if evidence.share < share or evidence.longest_gap > gap:
        return 0.0
    return evidence.share + (0.2 if evidence.side else 0.0) + 0.2 * evidence.far - (0.3 if evidence.negative else 0.0)


def _least_known(evidence: Evidence, side: float) -> float:
    """How much of a line must be in sight, as a share of its length."""
    if evidence.side == 0:
        return 0.33 if evidence.length > 0.7 * side and evidence.share > 0.99 else 0.5
    if evidence.negative or evidence.share < 0.95:
        return 0.35
    return 0.12 if evidence.far >= 0.9 else 0.2


def _needed(evidence: Evidence, side: float) -> tuple[float, float]:
    """The least share and the longest gap with which a line of this sort is believed; 2 for never."""
    steep = min(abs(evidence.stroke.nx), abs(evidence.stroke.ny)) > STEEP
    bare = evidence.negative or evidence.side == 0
    if bare and (steep or evidence.length < SHORTEST_BARE * side):
        return NEVER
    if evidence.negative:
        return (0.95, 0.05) if evidence.side else (0.97, 0.03)
    if steep:
        return 0.95, 0.05
    return _needed_gutter(evidence, side) if evidence.side else _needed_ridge(evidence)


def _needed_ridge(evidence: Evidence) -> tuple[float, float]:
    """A thin stroke between two pictures, or the edge of a dark one, which must hold even better."""
    if evidence.thin > 0.6:
        return (0.97, 0.03) if evidence.half <= 3.0 else NEVER
    return (0.985, 0.015) if evidence.half <= 3.5 else NEVER


def _needed_gutter(evidence: Evidence, side: float) -> tuple[float, float]:
    """A stroke with paper beside it: the more of its surroundings fit, the more of it may be interrupted."""
    if evidence.far >= 0.9 and evidence.ends >= 0.9:
        return 0.5, 0.45
    if evidence.ends >= 0.9 and evidence.thin > 0.6 and evidence.length > LONG * side:
        return 0.72, 0.2
    return (0.75, 0.25) if evidence.far >= 0.6 and evidence.ends >= 0.25 else (0.87, 0.12)


def divide(sheet: Sheet, lines: list[Candidate]) -> list[Region]:
    """Divide the whole sheet; blank regions are left out."""
    whole = Region(
        ((0.0, 0.0), (float(sheet.width), 0.0), (float(sheet.width), float(sheet.height)), (0.0, float(sheet.height)))
    )
    waiting, done = [(whole, lines)], []
    while waiting:
        region, near = waiting.pop()
        split = _best_split(sheet, region, near)
        if split is None:
            done.append(region)
            continue
        for part in split:
            if not _blank(sheet, part):
                waiting.append((part, [c for c in near if contains(part.polygon, c.middle)]))
    return done


def _blank(sheet: Sheet, part: Region) -> bool:
    """Whether a part is no panel but gutter, margin, or margin that a picture leans into."""
    thin = thickness(part.polygon)
    if thin < SLIVER * sheet.side:
        return True
    inked, lit = ink_share(sheet, part.polygon), 1.0 - ink_share(sheet, part.polygon, below=BLACK)
    if inked < 0.004:
        return True
    return thin < MARGIN * sheet.side and (lit < 0.02 or (inked < SPILL and _at_edge(sheet, part)))


def _at_edge(sheet: Sheet, part: Region) -> bool:
    """Whether a part runs along an edge of the page for most of its length."""
    box = bounds(part.polygon)
    if box.height >= box.width:
        return box.x0 < 2 or box.x1 > sheet.width - 2
    return box.y0 < 2 or box.y1 > sheet.height - 2


def _best_split(sheet: Sheet, region: Region, near: list[Candidate]) -> tuple[Region, Region] | None:
    """The two parts along the surest line, None where no line is sure enough."""
    best: tuple[float, tuple[Region, Region]] | None = None
    for candidate in near:
        if not _crosses(region, candidate.line):
            continue
        for evidence in weigh(sheet, region.polygon, candidate.line):
            value = worth(evidence, sheet.side)
            if value <= 0 or (best and value <= best[0]):
                continue
            parts = _parts(region, evidence)
            if all(_sound(sheet, part) for part in parts) and min(thickness(part.polygon) for part in parts) > 3:
                best = (value, parts)
    return best[1] if best else None


def _crosses(region: Region, line: Line) -> bool:
    """Whether a line runs from one side of the region to the opposite one: panels are cut through, not cornered."""
    ends = chord(region.polygon, line)
    if ends is None:
        return False
    box = bounds(region.polygon)
    along_x, along_y = abs(ends[1][0] - ends[0][0]) / box.width, abs(ends[1][1] - ends[0][1]) / box.height
    return max(along_x, along_y) > 0.8


def _parts(region: Region, evidence: Evidence) -> tuple[Region, Region]:
    """Both sides of a stroke, the stroke itself left out."""
    near_line = evidence.stroke.moved(-evidence.half - 0.5)
    far_line = evidence.stroke.moved(evidence.half + 0.5).flipped()
    return (
        Region(clip(region.polygon, near_line), [*region.framed, near_line]),
        Region(clip(region.polygon, far_line), [*region.framed, far_line]),
    )


def _sound(sheet: Sheet, part: Region) -> bool:
    """Whether a part is a possible panel or plain paper: a drawn sliver means that the line runs through a drawing."""
    if not part.polygon:
        return True
    if thickness(part.polygon) >= SLIVER * sheet.side:
        return True
    return ink_share(sheet, part.polygon) < 0.05
