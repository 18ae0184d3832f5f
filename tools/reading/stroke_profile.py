"""Measure which stretches of a straight stroke can be a frame line.

A cut is judged along its whole chord, but the side of an inset is only a stretch of one. A stroke profile keeps
running sums of the columns' votes, so any stretch can be judged in constant time.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from storage.domain import Point
from tools.geometry import Line, Points, chord
from tools.reading.edge_evidence import INK, PAPER, RIDGE_CONTRAST, Votes, rows_beside, sample_strip, stroke_rows
from tools.reading.frame_lines import Candidate
from tools.reading.working_page import WorkingPage

MAX_LEAN = 0.45
"""Sine of the lean from upright or level beyond which a line is not a side of a frame."""

Counts = NDArray[np.int64]
Reals = NDArray[np.float64]


@dataclass(frozen=True)
class StrokeProfile:
    """A stroke laid out along its chord, as running sums over its n columns, each of length n + 1."""

    line: Line
    half: float
    """Half the width of the stroke in pixels."""
    start: Point
    """Start of the chord, in pixels of the working page."""
    step: Point
    """Unit vector from one column to the next."""
    held: Counts
    """Number of columns of ink with something lighter beside it."""
    known: Counts
    """Number of columns that are neither hidden nor black on both sides."""
    outside: tuple[Counts, Counts]
    """Number of columns with paper against (0) and along (1) the normal."""

    def place(self, point: Point) -> int:
        """Return the column of a point on the line, clipped to the profile."""
        along = (point[0] - self.start[0]) * self.step[0] + (point[1] - self.start[1]) * self.step[1]
        return int(np.clip(round(along), 0, len(self.held) - 1))


def profile_line(page: WorkingPage, region: Points, line: Line) -> StrokeProfile | None:
    """Return the profile of `line` through a convex region, None if the line misses it."""
    ends = chord(region, line)
    if ends is None:
        return None
    reach = 12
    strip, hidden = sample_strip(page, line, *ends, reach)
    n = strip.shape[1]
    if n < 20 or hidden.all():
        return None
    first, last = stroke_rows(strip, ~hidden, reach)
    darkest = strip[first : last + 1].min(axis=0).astype(np.int16)
    ink = darkest < INK
    lighter = [rows_beside(strip, first, last, way, 5).max(axis=0) > darkest + RIDGE_CONTRAST for way in (-1, 1)]
    held = ink & (lighter[0] | lighter[1]) & ~hidden
    known = ~hidden & ~(ink & ~lighter[0] & ~lighter[1])
    width = max(3, round(0.004 * page.side))
    paper = [held & (rows_beside(strip, first, last, way, width).min(axis=0) > PAPER) for way in (-1, 1)]
    length = float(np.hypot(ends[1][0] - ends[0][0], ends[1][1] - ends[0][1]))
    step = ((ends[1][0] - ends[0][0]) / length, (ends[1][1] - ends[0][1]) / length)
    return StrokeProfile(
        line=line.offset((first + last) / 2 - reach),
        half=(last - first + 1) / 2,
        start=ends[0],
        step=step,
        held=_running_sums(held),
        known=_running_sums(known),
        outside=(_running_sums(paper[0]), _running_sums(paper[1])),
    )


def _running_sums(values: Votes | Counts) -> Counts:
    """Return the running sums of values, starting with 0."""
    return np.concatenate([[0], np.cumsum(values)]).astype(np.int64)


def longest_run(profile: StrokeProfile) -> int:
    """Return the length of the best stretch of a stroke in columns, where each fault costs two columns.

    It measures how much of a frame line the stroke is.
    """
    gains = np.diff(profile.held) - 2 * (np.diff(profile.known) - np.diff(profile.held))
    sums = _running_sums(gains)
    return int((sums - np.minimum.accumulate(sums)).max())


def find_strongest_strokes(
    page: WorkingPage, region: Points, near: Sequence[Candidate], *, level: bool, most: int
) -> list[StrokeProfile]:
    """Return up to `most` of the strongest strokes of a region, level or upright, each stroke once."""
    measured: list[tuple[int, StrokeProfile]] = []
    for candidate in near:
        nx, ny = abs(candidate.line.nx), abs(candidate.line.ny)
        if (ny >= nx) != level or min(nx, ny) > MAX_LEAN:
            continue
        profile = profile_line(page, region, candidate.line)
        if profile is not None and profile.half <= 3.0:
            measured.append((longest_run(profile), profile))
    strongest: list[StrokeProfile] = []
    for run, profile in sorted(measured, key=lambda item: -item[0]):
        if run >= 0.08 * page.side and all(_are_distinct(profile, other) for other in strongest):
            strongest.append(profile)
        if len(strongest) == most:
            break
    return strongest


def _are_distinct(first: StrokeProfile, second: StrokeProfile) -> bool:
    """Return whether two profiles are of two strokes, more than 4 pixels apart at one end of the first."""
    end = (
        first.start[0] + first.step[0] * (len(first.held) - 1),
        first.start[1] + first.step[1] * (len(first.held) - 1),
    )
    return max(abs(second.line.distance(first.start)), abs(second.line.distance(end))) > 4.0
