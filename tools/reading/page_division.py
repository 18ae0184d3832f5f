"""Divide a page into panels along the frame lines that run from edge to edge.

Manga pages are laid out by division: first into rows, then into panels, sometimes a panel again, each time by one
straight line from edge to edge. The page is divided here in the same way, the most certain line first. Both parts are
then judged anew, because a line that is weak across the whole page can be perfect across one row. A gutter is two
frame lines: the strip of paper between them becomes a region of its own, and a blank region is not a panel.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from statistics import median

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import Line, Points, bounding_box, box_polygon, chord, clip_polygon, contains_point, polygon_area
from tools.reading.edge_evidence import BLACK, Evidence, measure_edge
from tools.reading.edge_score import PageStyle, is_bounded_by_pen, is_hidden_gutter, score_edge
from tools.reading.frame_lines import Candidate
from tools.reading.working_page import WorkingPage

SLIVER = 0.045
"""A region narrower than this share of the page's side is not a panel."""

MIN_HIDDEN = 0.3
"""Only a line of which more than this share is hidden is judged by a short stroke."""
MIN_BARE_STRIP = 0.07
"""A line without a gutter that parts a narrower strip is the edge of a door or a post."""

MIN_FRAME_LINES = 4
"""The usual width of frame lines is known only after this many have been seen."""
MAX_MARGIN, MAX_MARGIN_INK = 0.13, 0.2
"""Limits of a margin: narrower than MAX_MARGIN sides, and inked less than MAX_MARGIN_INK.

Whatever is drawn in such a strip of paper leans out of the panel beside it.
"""

MAX_BLACK, MAX_BLACK_LIGHT = 0.2, 0.02
"""A gutter or margin that is filled with black is narrower than MAX_BLACK, and no more of it is lighter than black."""

MAX_BAND, MAX_BAND_INK = 0.11, 0.1
"""Limits of a wide gutter, as those of a margin: panels as thin are inked more (18 % and more on real pages)."""


@dataclass(frozen=True)
class Region:
    """A part of the page between frame lines."""

    polygon: Polygon
    """Corners in pixels of the working page."""


def thickness(points: Points) -> float:
    """Return how narrow a polygon is: its area divided by its longer extent, in pixels."""
    if not points:
        return 0.0
    box = bounding_box(points)
    return polygon_area(points) / max(box.width, box.height, 1e-9)


def ink_share(page: WorkingPage, points: Points, below: int = 200) -> float:
    """Return the share of a convex polygon that is darker than `below` (0..255), 0..1.

    The outermost pixels are left out, because a frame has soft edges.
    """
    inside, (x0, y0) = _mask_inside(page, points)
    if not inside.any():
        return 0.0
    grey = page.grey[y0 : y0 + inside.shape[0], x0 : x0 + inside.shape[1]]
    return float((grey[inside] < below).mean())


def _mask_inside(page: WorkingPage, points: Points) -> tuple[NDArray[np.bool_], tuple[int, int]]:
    """Return the mask of a convex polygon without its outermost pixels, (h, w), and the corner of that mask."""
    box = bounding_box(points)
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    x1, y1 = min(page.width, int(box.x1) + 1), min(page.height, int(box.y1) + 1)
    if x1 <= x0 or y1 <= y0:
        return np.zeros((0, 0), np.bool_), (x0, y0)
    mask = np.zeros((y1 - y0, x1 - x0), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(points) - (x0, y0)).astype(np.int32)], 255)
    return np.asarray(cv2.erode(mask, np.ones((5, 5), np.uint8), borderValue=0) > 0), (x0, y0)


def divide_page(page: WorkingPage, lines: list[Candidate]) -> tuple[list[Region], PageStyle]:
    """Divide the whole page, first along its white gutters, then along all other certain lines.

    The gutters show how thick the frame lines are; a line between two pictures must have the same thickness.

    Args:
        page: The working page.
        lines: Lines to try, as returned by `propose_frame_lines`.

    Returns:
        The regions that are not blank, in no order, and how the frames of the page are drawn.
    """
    whole = Region(box_polygon(Box(0.0, 0.0, float(page.width), float(page.height))))
    style = PageStyle(side=page.side, black=_has_black_margin(page), gutters_only=True)
    half_widths: list[float] = []
    regions = _divide_regions(page, [whole], lines, style, half_widths)
    half_width = median(half_widths) if len(half_widths) >= MIN_FRAME_LINES else None
    whole_lines = [line for line in lines if not line.is_stump]
    style = replace(style, half_width=half_width, gutters_only=False)
    return _divide_regions(page, regions, whole_lines, style, []), style


def divide_region(page: WorkingPage, region: Region, lines: Sequence[Candidate], style: PageStyle) -> list[Region]:
    """Divide one region along all certain lines, and return the parts that are not blank, in no order."""
    return _divide_regions(page, [region], lines, style, [])


def _divide_regions(
    page: WorkingPage, waiting: list[Region], lines: Sequence[Candidate], style: PageStyle, half_widths: list[float]
) -> list[Region]:
    """Divide regions as long as a line is certain enough; append the half width of every frame line."""
    done = []
    while waiting:
        region = waiting.pop()
        near = [line for line in lines if contains_point(region.polygon, line.middle)]
        cut = _find_best_cut(page, region, near, style)
        if cut is None:
            done.append(region)
            continue
        if cut.thin > 0.6:
            half_widths.append(cut.half)
        waiting += [part for part in _split_region(region, cut) if not _is_blank(page, part)]
    return done


def _has_black_margin(page: WorkingPage) -> bool:
    """Return whether most of the page's outermost pixels are black."""
    width = max(2, round(0.012 * page.side))
    grey = page.grey
    ring = np.concatenate(
        [grey[:width].ravel(), grey[-width:].ravel(), grey[:, :width].ravel(), grey[:, -width:].ravel()]
    )
    return bool((ring < BLACK).mean() > 0.6)


def _is_blank(page: WorkingPage, part: Region) -> bool:
    """Return whether a part is not a panel but a gutter, a margin, or a margin that a picture leans into."""
    thin = thickness(part.polygon)
    if thin < SLIVER * page.side:
        return True
    ink = ink_share(page, part.polygon)
    if ink < 0.004 or is_band(page, part.polygon):
        return True
    if thin < MAX_MARGIN * page.side and ink < MAX_MARGIN_INK and _is_at_edge(page, part):
        return True
    return thin < MAX_BLACK * page.side and _is_filled_with_black(page, part.polygon)


def is_band(page: WorkingPage, points: Points) -> bool:
    """Return whether a convex polygon is a band of paper with hardly anything drawn on it."""
    return thickness(points) < MAX_BAND * page.side and ink_share(page, points) < MAX_BAND_INK


def _is_filled_with_black(page: WorkingPage, points: Points) -> bool:
    """Return whether a convex polygon is black, but for balloons that reach into it from the panel beside it."""
    inside, (x0, y0) = _mask_inside(page, points)
    rows, columns = slice(y0, y0 + inside.shape[0]), slice(x0, x0 + inside.shape[1])
    hidden = inside & (page.unknown[rows, columns] > 0)
    seen = inside & ~hidden
    if not seen.any() or (page.grey[rows, columns][seen] >= BLACK).mean() > MAX_BLACK_LIGHT:
        return False
    _, labels = cv2.connectedComponents(hidden.astype(np.uint8))
    rim = hidden & ~np.asarray(cv2.erode(inside.astype(np.uint8), np.ones((3, 3), np.uint8), borderValue=0) > 0)
    return set(np.unique(labels[hidden])) <= set(np.unique(labels[rim]))


def _is_at_edge(page: WorkingPage, part: Region) -> bool:
    """Return whether a part touches an edge of the page with its long side."""
    box = bounding_box(part.polygon)
    if box.height >= box.width:
        return box.x0 < 2 or box.x1 > page.width - 2
    return box.y0 < 2 or box.y1 > page.height - 2


def _find_best_cut(page: WorkingPage, region: Region, near: list[Candidate], style: PageStyle) -> Evidence | None:
    """Return the evidence for the most certain line through a region, None if no line is certain enough."""
    best: tuple[float, Evidence] | None = None
    for candidate in near:
        if not _crosses(region, candidate.line) or (
            candidate.is_stump and not _is_hidden(page, region, candidate.line)
        ):
            continue
        for evidence in measure_edge(page, region.polygon, candidate.line):
            value = score_edge(evidence, style)
            if value <= 0 or (best and value <= best[0]) or (candidate.is_stump and not is_hidden_gutter(evidence)):
                continue
            halves = _split_region(region, evidence)
            if _is_within_picture(page, evidence, halves):
                continue
            if (
                all(_is_plausible(page, part) for part in halves)
                and min(thickness(part.polygon) for part in halves) > 3
            ):
                best = (value, evidence)
    return best[1] if best else None


def _is_within_picture(page: WorkingPage, evidence: Evidence, halves: tuple[Region, Region]) -> bool:
    """Return whether a line parts a picture: a thing in it, or a strip at its side, that no gutter divides from it."""
    is_bare = evidence.negative or evidence.side == 0
    is_strip = is_bare and min(thickness(part.polygon) for part in halves) < MIN_BARE_STRIP * page.side
    return (is_strip or not is_bounded_by_pen(evidence)) and not any(_is_blank(page, part) for part in halves)


def _crosses(region: Region, line: Line) -> bool:
    """Return whether a line runs from one side of the region to the opposite one and does not just cut off a corner."""
    ends = chord(region.polygon, line)
    if ends is None:
        return False
    box = bounding_box(region.polygon)
    along_x, along_y = abs(ends[1][0] - ends[0][0]) / box.width, abs(ends[1][1] - ends[0][1]) / box.height
    return max(along_x, along_y) > 0.8


def _is_hidden(page: WorkingPage, region: Region, line: Line) -> bool:
    """Return whether so much of a line is hidden that a short stroke may be all that is seen of it."""
    ends = chord(region.polygon, line)
    if ends is None:
        return False
    points = np.linspace(ends[0], ends[1], 60)
    x, y = (np.clip(np.round(points[:, k]), 0, page.unknown.shape[1 - k] - 1).astype(np.int64) for k in (0, 1))
    return bool((page.unknown[y, x] > 0).mean() > MIN_HIDDEN)


def _split_region(region: Region, evidence: Evidence) -> tuple[Region, Region]:
    """Return the two sides of a stroke, without the stroke itself."""
    near_line = evidence.stroke.offset(-evidence.half - 0.5)
    far_line = evidence.stroke.offset(evidence.half + 0.5).flip()
    return (
        Region(clip_polygon(region.polygon, near_line)),
        Region(clip_polygon(region.polygon, far_line)),
    )


def _is_plausible(page: WorkingPage, part: Region) -> bool:
    """Return whether a part can be a panel or is plain paper.

    An inked sliver means that the line runs through a drawing.
    """
    if not part.polygon:
        return True
    if thickness(part.polygon) >= SLIVER * page.side:
        return True
    return ink_share(page, part.polygon) < 0.05
