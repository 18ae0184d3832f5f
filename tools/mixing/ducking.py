"""Lower music and ambience while lines are spoken, at moments that the plan knows, and let them swell back between."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from tools.audio import SAMPLE_RATE, SILENT

DEPTH, RAMP, SWELL = -12.0, 0.3, 2.0
"""Decibels under speech; seconds of a ramp; seconds of a gap between lines in which the level comes back."""


@dataclass(frozen=True)
class GainPoint:
    """A level at a moment; levels between two points lie on a straight line in decibels."""

    at: int
    """The sample of the film."""
    gain: float
    """Decibels; at and below `tools.audio.SILENT` it is silence."""


def duck(
    lines: Sequence[tuple[int, int]], *, depth: float = DEPTH, ramp: float = RAMP, swell: float = SWELL
) -> tuple[GainPoint, ...]:
    """Return the levels of a bus that makes room for speech.

    Args:
        lines: The first sample and the sample after the last of each line, in any order; they may overlap.
        depth: Decibels of the level while a line is spoken.
        ramp: Seconds that the level takes to fall, before a line begins, and to come back after it ended.
        swell: Seconds of a gap between two lines from which on the level comes back in it, and at least two ramps; in
            a shorter one it stays low, as it would only pump.

    Returns:
        The points, by time; none for no lines. The first may lie before the film.
    """
    slope = round(ramp * SAMPLE_RATE)
    points = list[GainPoint]()
    for start, end in _joined(lines, max(round(swell * SAMPLE_RATE), 2 * slope)):
        points += (
            GainPoint(start - slope, 0.0),
            GainPoint(start, depth),
            GainPoint(end, depth),
            GainPoint(end + slope, 0.0),
        )
    return tuple(points)


def _joined(lines: Sequence[tuple[int, int]], gap: int) -> list[tuple[int, int]]:
    """Return the spans of lines that lie less than `gap` apart."""
    spans = list[tuple[int, int]]()
    for start, end in sorted(lines):
        if spans and start - spans[-1][1] < gap:
            spans[-1] = spans[-1][0], max(spans[-1][1], end)
        else:
            spans.append((start, end))
    return spans


class GainCurve:
    """The levels of a bus over a film, by the points between which they run.

    Args:
        points: The points in any order; before the first and after the last the level stays as it is there. Of two
            points at one moment the first ends what was before, and the second begins what follows.
    """

    def __init__(self, points: Sequence[GainPoint]) -> None:
        ordered = sorted(points, key=lambda point: point.at)
        self._at = np.array([point.at for point in ordered], np.float64)
        self._gain = np.array([max(point.gain, SILENT) for point in ordered])

    def factors(self, start: int, count: int) -> NDArray[np.float32]:
        """Return the factors of `count` samples from `start` on, (count, 1), or (1, 1) where all have the same."""
        if not len(self._at):
            return np.ones((1, 1), np.float32)
        inside = (self._at > start) & (self._at < start + count - 1)
        ends = self._decibels(np.array([start, start + count - 1]))
        if not inside.any() and ends[0] == ends[1]:
            return _factors(ends[:1])
        return _factors(self._decibels(np.arange(start, start + count)))

    def _decibels(self, at: NDArray[np.integer]) -> NDArray[np.float64]:
        return np.asarray(np.interp(at, self._at, self._gain))


def _factors(decibels: NDArray[np.float64]) -> NDArray[np.float32]:
    return np.where(decibels <= SILENT, 0, 10 ** (decibels / 20)).astype(np.float32)[:, None]
