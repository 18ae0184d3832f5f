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
from tools.reading.frame_lines import Candidate
from tools.reading.insets import drop_overlapping
from tools.reading.page_division import thickness
from tools.reading.stroke_profile import StrokeProfile, find_strongest_strokes
from tools.reading.working_page import WorkingPage

MIN_REGION_SHARE = 0.3
"""A region smaller than this share of the page is one panel, because a figure over gutters takes room."""
MIN_ARM, MIN_LONGER_ARM, MIN_SIDE = 0.12, 0.25, 0.1
"""Least lengths as shares of the page's side: of any arm, of a panel's longer arm, and of a panel's shorter side."""
MAX_REGION_SHARE, MAX_RUN = 0.4, 0.9
"""A panel beside a figure covers at most this share of the region, and its arms end before MAX_RUN of the way."""
MIN_ARM_RATIO = 0.4
"""The shorter arm of a panel is at least this share of the longer one."""
MIN_FREE, MIN_FREE_OF_CUT = 0.6, 0.85
"""Least share of an arm with paper outside.

MIN_FREE is for one arm of a panel. MIN_FREE_OF_CUT is for both arms of a cut, with the paper on the same side.
"""
MIN_KNOWN, MIN_VISIBLE = 0.4, 0.55
"""Least visible share: of the columns of a panel's arm, and of the length of a cut that its arms cover."""
MIN_SHORT_ARM, MIN_LONG_ARM, MIN_VISIBLE_UNEVEN = 0.06, 0.4, 0.75
"""A figure near one end of a cut leaves one arm as short as MIN_SHORT_ARM, if the other is MIN_LONG_ARM long.

Both are shares of the page's side. The arms then cover MIN_VISIBLE_UNEVEN of the cut, with MIN_FREE of paper.
"""
FAULT_COST = 9
"""A faulty column of an arm counts against it like this many faultless ones count for it."""
EDGE_STRIP, MAX_LEAN = 0.01, 0.2
"""Limits of an arm: the strip beside it as a share of the page's side, and the sine of its lean.

A line with a thinner strip beside it is the edge of the region itself. A line that leans more is not an arm, because
its panel would have hardly any fourth side.
"""
MAX_CONVERGENCE = 0.1
"""Sine of the angle between the two arms of a panel at most."""
LEANING, MIN_LEANING_ARM = 0.12, 0.4
"""A panel whose longer arm leans more than LEANING, as a sine, has one of this share of the page's side at least."""
MAX_STROKES = 12
"""Number of strokes of one direction that are tried as arms."""


@dataclass(frozen=True)
class _Arm:
    """A frame line from an edge of the region to the point where something covers it."""

    profile: StrokeProfile
    run: int
    known: float
    free: tuple[float, float]
    end: Point


def find_hidden_cut(page: WorkingPage, region: Points, near: Sequence[Candidate]) -> tuple[Polygon, Polygon] | None:
    """Return the parts of `region` on both sides of a line that is visible at both ends, None without such a line."""
    if polygon_area(region) < MIN_REGION_SHARE * page.grey.size:
        return None
    best: tuple[float, tuple[Polygon, Polygon]] | None = None
    for level in (True, False):
        for profile in _inner_strokes(page, region, near, level):
            parts = _split_region(region, profile)
            visible = _visible_share(page, profile, level)
            if visible <= 0 or min(thickness(part) for part in parts) < MIN_SIDE * page.side:
                continue
            if best is None or visible > best[0]:
                best = (visible, parts)
    return best[1] if best else None


def find_open_frames(
    page: WorkingPage, region: Points, near: Sequence[Candidate], closed: Sequence[Polygon] = ()
) -> list[Polygon]:
    """Find panels at the edges of a region that lack one side.

    Args:
        page: The working page.
        region: Corners of the region, in pixels of the working page.
        near: Candidate lines that lie in the region.
        closed: Closed frames of the region, which no panel may overlap.

    Returns:
        The panels, smallest first, without overlaps.
    """
    if polygon_area(region) < MIN_REGION_SHARE * page.grey.size:
        return []
    frames: list[Polygon] = []
    for level in (True, False):
        profiles = _inner_strokes(page, region, near, level)
        for far in (False, True):
            arms = [arm for arm in (_find_arm(profile, level, far) for profile in profiles) if arm]
            arms = [arm for arm in arms if arm.run >= MIN_ARM * page.side and arm.known >= MIN_KNOWN]
            frames += _panels_between(page, region, arms, level, far)
    return drop_overlapping(frames, closed)


def _inner_strokes(page: WorkingPage, region: Points, near: Sequence[Candidate], level: bool) -> list[StrokeProfile]:
    """Return the strongest straight lines inside the region, level or upright, without its own edges."""
    return [
        profile
        for profile in find_strongest_strokes(page, region, near, level=level, most=MAX_STROKES)
        if min(abs(profile.line.nx), abs(profile.line.ny)) <= MAX_LEAN
        and min(thickness(part) for part in _split_region(region, profile)) > EDGE_STRIP * page.side
    ]


def _split_region(region: Points, profile: StrokeProfile) -> tuple[Polygon, Polygon]:
    """Return the two sides of a stroke, without the stroke itself."""
    return _part_before(region, profile), _part_behind(region, profile)


def _part_before(region: Points, profile: StrokeProfile) -> Polygon:
    """Return the part of the region above or left of a stroke."""
    return clip_polygon(region, profile.line.offset(-profile.half - 0.5))


def _part_behind(region: Points, profile: StrokeProfile) -> Polygon:
    """Return the part of the region below or right of a stroke."""
    return clip_polygon(region, profile.line.offset(profile.half + 0.5).flip())


def _find_arm(profile: StrokeProfile, level: bool, far: bool) -> _Arm | None:
    """Return the part of a stroke that holds from the region's left or upper edge on (`far`: right or lower edge)."""
    held, known, *paper = (np.diff(sums) for sums in (profile.held, profile.known, *profile.outside))
    backwards = (profile.step[0 if level else 1] < 0) != far
    if backwards:
        held, known, paper = held[::-1], known[::-1], [votes[::-1] for votes in paper]
    score = np.cumsum(held - FAULT_COST * ((known > 0) & (held == 0)))
    run = int(score.argmax()) + 1
    known_count = int(known[:run].sum())
    if score[run - 1] <= 0 or not known_count:
        return None
    column = len(held) - run if backwards else run
    end = (profile.start[0] + column * profile.step[0], profile.start[1] + column * profile.step[1])
    free = (float(paper[0][:run].sum()) / known_count, float(paper[1][:run].sum()) / known_count)
    return _Arm(profile, run, known_count / run, free, end)


def _visible_share(page: WorkingPage, profile: StrokeProfile, level: bool) -> float:
    """Return the share of a stroke that its two arms cover, 0 if they are too short or lack paper on a common side."""
    first, second = _find_arm(profile, level, False), _find_arm(profile, level, True)
    if first is None or second is None:
        return 0.0
    short, long = sorted(arm.run * arm.known / page.side for arm in (first, second))
    free = max(min(first.free[way], second.free[way]) for way in (0, 1))
    visible = (first.run + second.run) / (len(profile.held) - 1)
    even = short >= MIN_ARM and visible >= MIN_VISIBLE and free >= MIN_FREE_OF_CUT
    uneven = short >= MIN_SHORT_ARM and long >= MIN_LONG_ARM and MIN_VISIBLE_UNEVEN <= visible < 1 and free >= MIN_FREE
    return visible if even or uneven else 0.0


def _panels_between(page: WorkingPage, region: Points, arms: list[_Arm], level: bool, far: bool) -> Iterator[Polygon]:
    """Yield the panels between any two arms, or between an arm and the region's edge beside it."""
    box = bounding_box(region)
    across = box.width if level else box.height
    ordered = sorted(arms, key=lambda arm: -arm.profile.line.distance(box.center))
    for before, after in combinations([None, *ordered, None], 2):
        pair = [arm for arm in (before, after) if arm]
        if not pair or not _is_panel_pair(pair, page.side, MAX_RUN * across):
            continue
        outside = [arm.free[way] for way, arm in enumerate((before, after)) if arm]
        if max(outside) < MIN_FREE:
            continue
        end = max(pair, key=lambda arm: arm.run).end
        fourth = Line(1.0, 0.0, end[0]) if level else Line(0.0, 1.0, end[1])
        frame = clip_polygon(region, fourth.flip() if far else fourth)
        frame = _part_behind(frame, before.profile) if before and frame else frame
        frame = _part_before(frame, after.profile) if after and frame else frame
        if frame and _is_panel_sized(page, region, frame):
            yield frame


def _is_panel_pair(pair: list[_Arm], side: float, most: float) -> bool:
    """Return whether the longer of one or two arms has a panel's length and the other is not much shorter.

    The two are nearly parallel: strokes that converge are the outline of a thing.
    """
    lines = [arm.profile.line for arm in pair]
    if abs(lines[0].nx * lines[-1].ny - lines[0].ny * lines[-1].nx) > MAX_CONVERGENCE:
        return False
    runs = [arm.run for arm in pair]
    line = lines[runs.index(max(runs))]
    least = (MIN_LEANING_ARM if min(abs(line.nx), abs(line.ny)) > LEANING else MIN_LONGER_ARM) * side
    return least <= max(runs) <= most and min(runs) >= MIN_ARM_RATIO * max(runs)


def _is_panel_sized(page: WorkingPage, region: Points, frame: Polygon) -> bool:
    """Return whether a frame is as large as a panel and leaves most of the region to the figure."""
    box = bounding_box(frame)
    return min(box.width, box.height) >= MIN_SIDE * page.side and polygon_area(
        frame
    ) <= MAX_REGION_SHARE * polygon_area(region)
