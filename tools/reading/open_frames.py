"""Find cuts and panels in a large region where a figure stands over the gutters.

A figure over the gutters breaks every line that would cut its region from edge to edge. What stays visible are arms:
frame lines that run without a fault from an edge of the region until the figure covers them. Two arms of one line,
from opposite edges, are a cut. Two arms side by side, or one arm beside the edge of the region, are a panel that the
figure leans into. Its fourth side was never drawn, so it is put where the longer arm ends. Small regions are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np

from storage.domain import Point, Polygon
from tools.geometry import Line, Points, bounding_box, clip_polygon, polygon_area
from tools.reading.cuts import thickness
from tools.reading.frame_lines import Candidate
from tools.reading.insets import apart
from tools.reading.stroke_profile import StrokeProfile, strongest_strokes
from tools.reading.working_page import WorkingPage

LEAST_REGION = 0.3
"""A region smaller than this share of the page is one panel, because a figure over gutters takes room."""
LEAST_ARM, LEAST_LONGER, LEAST_SIDE = 0.12, 0.25, 0.1
"""Least lengths as shares of the page's side: of any arm, of a panel's longer arm, and of a panel's shorter side."""
MOST_SHARE, MOST_RUN = 0.4, 0.9
"""A panel beside a figure covers at most this share of the region, and its arms end before MOST_RUN of the way."""
EVEN = 0.4
"""The shorter arm of a panel is at least this share of the longer one."""
FREE, SURE = 0.6, 0.85
"""Least share of an arm with paper outside.

FREE is for one arm of a panel. SURE is for both arms of a cut, which must have the paper on the same side.
"""
KNOWN, IN_SIGHT = 0.4, 0.55
"""Least visible share: of the columns of a panel's arm, and of the length of a cut that its arms cover."""
AGAINST = 9
"""An arm ends at a fault that is not followed by this many times its length of faultless line."""
EDGE, LEAN = 0.01, 0.12
"""Limits of an arm: the strip beside it as a share of the page's side, and the sine of its lean.

A line with a strip thinner than EDGE beside it is the edge of the region itself. A line that leans more than LEAN is
not an arm, because its panel would have hardly any fourth side.
"""
MOST_RAILS = 12
"""Number of strokes of one direction that are tried as arms."""


@dataclass(frozen=True)
class _Arm:
    """A frame line from an edge of the region to the point where something covers it."""

    rail: StrokeProfile
    run: int
    known: float
    free: tuple[float, float]
    end: Point


def find_hidden_cut(sheet: WorkingPage, region: Points, near: Sequence[Candidate]) -> tuple[Polygon, Polygon] | None:
    """Return the parts of `region` on both sides of a line that is visible at both ends, None without such a line."""
    if polygon_area(region) < LEAST_REGION * sheet.grey.size:
        return None
    best: tuple[float, tuple[Polygon, Polygon]] | None = None
    for level in (True, False):
        for rail in _rails(sheet, region, near, level):
            parts = _parts(region, rail)
            shown = _shown(sheet, rail, level)
            if shown < IN_SIGHT or min(thickness(part) for part in parts) < LEAST_SIDE * sheet.side:
                continue
            if best is None or shown > best[0]:
                best = (shown, parts)
    return best[1] if best else None


def find_open_frames(
    sheet: WorkingPage, region: Points, near: Sequence[Candidate], closed: Sequence[Polygon] = ()
) -> list[Polygon]:
    """Find panels at the edges of a region that lack one side.

    Args:
        sheet: The working page.
        region: Corners of the region, in pixels of the working page.
        near: Candidate lines that lie in the region.
        closed: Closed frames of the region, which no panel may overlap.

    Returns:
        The panels, smallest first, without overlaps.
    """
    if polygon_area(region) < LEAST_REGION * sheet.grey.size:
        return []
    found: list[Polygon] = []
    for level in (True, False):
        rails = _rails(sheet, region, near, level)
        for far in (False, True):
            arms = [arm for arm in (_arm(rail, level, far) for rail in rails) if arm]
            arms = [arm for arm in arms if arm.run >= LEAST_ARM * sheet.side and arm.known >= KNOWN]
            found += _between(sheet, region, arms, level, far)
    return apart(found, closed)


def _rails(sheet: WorkingPage, region: Points, near: Sequence[Candidate], level: bool) -> list[StrokeProfile]:
    """Return the strongest straight lines inside the region, level or upright, without its own edges."""
    return [
        rail
        for rail in strongest_strokes(sheet, region, near, level=level, most=MOST_RAILS)
        if min(abs(rail.line.nx), abs(rail.line.ny)) <= LEAN
        and min(thickness(part) for part in _parts(region, rail)) > EDGE * sheet.side
    ]


def _parts(region: Points, rail: StrokeProfile) -> tuple[Polygon, Polygon]:
    """Return the two sides of a stroke, without the stroke itself."""
    return _before(region, rail), _behind(region, rail)


def _before(region: Points, rail: StrokeProfile) -> Polygon:
    """Return the part of the region above or left of a stroke."""
    return clip_polygon(region, rail.line.offset(-rail.half - 0.5))


def _behind(region: Points, rail: StrokeProfile) -> Polygon:
    """Return the part of the region below or right of a stroke."""
    return clip_polygon(region, rail.line.offset(rail.half + 0.5).flip())


def _arm(rail: StrokeProfile, level: bool, far: bool) -> _Arm | None:
    """Return the part of a stroke that holds from the region's left or upper edge on (`far`: right or lower edge)."""
    held, known, *paper = (np.diff(sums) for sums in (rail.held, rail.known, *rail.outside))
    backwards = (rail.step[0 if level else 1] < 0) != far
    if backwards:
        held, known, paper = held[::-1], known[::-1], [votes[::-1] for votes in paper]
    score = np.cumsum(held - AGAINST * ((known > 0) & (held == 0)))
    run = int(score.argmax()) + 1
    seen = int(known[:run].sum())
    if score[run - 1] <= 0 or not seen:
        return None
    at = len(held) - run if backwards else run
    end = (rail.start[0] + at * rail.step[0], rail.start[1] + at * rail.step[1])
    free = (float(paper[0][:run].sum()) / seen, float(paper[1][:run].sum()) / seen)
    return _Arm(rail, run, seen / run, free, end)


def _shown(sheet: WorkingPage, rail: StrokeProfile, level: bool) -> float:
    """Return the share of a stroke that its two arms cover, 0 if one is short or lacks paper on the common side."""
    one, two = _arm(rail, level, False), _arm(rail, level, True)
    if one is None or two is None or min(one.run * one.known, two.run * two.known) < LEAST_ARM * sheet.side:
        return 0.0
    if max(min(one.free[way], two.free[way]) for way in (0, 1)) < SURE:
        return 0.0
    return (one.run + two.run) / (len(rail.held) - 1)


def _between(sheet: WorkingPage, region: Points, arms: list[_Arm], level: bool, far: bool) -> Iterator[Polygon]:
    """Yield the panels between any two arms, or between an arm and the region's edge beside it."""
    box = bounding_box(region)
    across = box.width if level else box.height
    ordered = sorted(arms, key=lambda arm: -arm.rail.line.distance(box.center))
    for before, after in combinations([None, *ordered, None], 2):
        pair = [arm for arm in (before, after) if arm]
        if not pair or not _matched(pair, LEAST_LONGER * sheet.side, MOST_RUN * across):
            continue
        outside = [arm.free[way] for way, arm in enumerate((before, after)) if arm]
        if max(outside) < FREE:
            continue
        end = max(pair, key=lambda arm: arm.run).end
        fourth = Line(1.0, 0.0, end[0]) if level else Line(0.0, 1.0, end[1])
        frame = clip_polygon(region, fourth.flip() if far else fourth)
        frame = _behind(frame, before.rail) if before and frame else frame
        frame = _before(frame, after.rail) if after and frame else frame
        if frame and _fits(sheet, region, frame):
            yield frame


def _matched(pair: list[_Arm], least: float, most: float) -> bool:
    """Return whether the longer of one or two arms has a panel's length and the other is not much shorter."""
    runs = [arm.run for arm in pair]
    return least <= max(runs) <= most and min(runs) >= EVEN * max(runs)


def _fits(sheet: WorkingPage, region: Points, frame: Polygon) -> bool:
    """Return whether a frame is as large as a panel and leaves most of the region to the figure."""
    box = bounding_box(frame)
    return min(box.width, box.height) >= LEAST_SIDE * sheet.side and polygon_area(frame) <= MOST_SHARE * polygon_area(
        region
    )
