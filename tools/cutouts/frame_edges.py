"""Move the edges of a panel's polygon to the frame line that is drawn near them."""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Point, Polygon
from tools.plates import Mask

Profile = NDArray[np.float64]
_MAX_INK_TONE = 110
"""Darker tones (0..255) are ink."""
_BLEED_PIXELS = 2.5
"""An edge at most this many pixels from the edge of the page bleeds: the panel is not cut there."""


@dataclass(frozen=True)
class _FrameSide:
    """One edge of a polygon, from `start` to `stop`; `inward` is its unit normal into the panel."""

    start: NDArray[np.float64]
    stop: NDArray[np.float64]
    inward: NDArray[np.float64]

    @property
    def length(self) -> float:
        return float(np.hypot(*(self.stop - self.start)))

    def shift(self, by: tuple[float, float]) -> _FrameSide:
        return _FrameSide(self.start + self.inward * by[0], self.stop + self.inward * by[1], self.inward)


def snap_to_frame(tone: Mask, polygon: Polygon, *, line: bool) -> Polygon:
    """Move each long edge of a polygon to the inner side of the frame line that is drawn near it.

    Edges without a drawn line stay in place; edges near the edge of the page move onto it.

    Args:
        tone: The grey page, (h, w) uint8.
        polygon: The panel in page pixels.
        line: Keep the frame line: move edges to its outer side instead.

    Returns:
        The moved polygon, inside the page.
    """
    sides = _polygon_sides(polygon)
    if len(sides) < 3:
        return polygon
    height, width = tone.shape
    reach = int(np.clip(0.022 * min(height, width), 10, 40))
    moved = [side.shift(_measure_shift(tone, side, reach, line)) for side in sides]
    points = [_intersect_sides(moved[i - 1], moved[i], 4.0 * reach) for i in range(len(moved))]
    return tuple((min(max(x, 0.0), float(width)), min(max(y, 0.0), float(height))) for x, y in points)


def _polygon_sides(polygon: Polygon) -> list[_FrameSide]:
    points = np.array(polygon, np.float64)
    following = np.roll(points, -1, axis=0)
    turn = float((points[:, 0] * following[:, 1] - following[:, 0] * points[:, 1]).sum())
    sides = []
    for a, b in zip(points, following, strict=True):
        length = float(np.hypot(*(b - a)))
        if length > 1e-6:
            along = (b - a) / length
            sides.append(_FrameSide(a, b, np.array([-along[1], along[0]]) * (1.0 if turn > 0 else -1.0)))
    return sides


def _intersect_sides(before: _FrameSide, after: _FrameSide, limit: float) -> Point:
    """Return the intersection of two neighbouring edges.

    If they are nearly parallel, it is the point half-way between their ends.
    """
    middle = (before.stop + after.start) / 2
    a, b = before.stop - before.start, after.stop - after.start
    cross = float(a[0] * b[1] - a[1] * b[0])
    if abs(cross) > 0.08 * before.length * after.length:
        gap = after.start - before.start
        u = float(gap[0] * b[1] - gap[1] * b[0]) / cross
        meeting = before.start + a * u
        if np.hypot(*(meeting - middle)) <= limit:
            middle = meeting
    return float(middle[0]), float(middle[1])


def _measure_shift(tone: Mask, side: _FrameSide, reach: int, line: bool) -> tuple[float, float]:
    """Return how far to move the edge inwards, in pixels, at its start and at its end."""
    border = _distance_to_page_edge(tone, side)
    if border is not None and border <= _BLEED_PIXELS:
        return -border, -border
    shift = _find_drawn_line(tone, side, reach, line) if side.length >= 24 else None
    if shift is not None:
        return shift
    return (-border, -border) if border is not None and border <= 7 else (0.0, 0.0)


def _distance_to_page_edge(tone: Mask, side: _FrameSide) -> float | None:
    """Return the distance in pixels of an upright or level edge from the edge of the page; None for a slanted one."""
    height, width = tone.shape
    axis = int(np.argmax(np.abs(side.inward)))
    if abs(side.inward[axis]) < 0.999:
        return None
    at = float((side.start[axis] + side.stop[axis]) / 2)
    return at if side.inward[axis] > 0 else (width, height)[axis] - at


def _find_drawn_line(tone: Mask, side: _FrameSide, reach: int, line: bool) -> tuple[float, float] | None:
    """Search for the frame line within `reach` pixels of the edge, also at a slight angle to it."""
    best: tuple[float, float, int] | None = None
    for tilt in range(-6, 7, 1 if side.length > 60 else 3):
        ink, light = _sample_profiles(tone, side, reach, tilt)
        found = _find_line_in_profile(ink, light, reach, line)
        if found is not None and (best is None or found[0] - 0.01 * abs(tilt) > best[0]):
            best = found[0] - 0.01 * abs(tilt), found[1], tilt
    if best is None:
        return None
    return best[1] - best[2] / 2, best[1] + best[2] / 2


def _sample_profiles(tone: Mask, side: _FrameSide, reach: int, tilt: int) -> tuple[Profile, Profile]:
    """Return ink share and mean tone on lines parallel to the edge, from reach + 4 pixels outside to 2 reach inside."""
    u = np.linspace(0.05, 0.95, int(np.clip(side.length, 24, 200)))
    offsets = np.arange(-reach - 4, 2 * reach + 1, dtype=np.float64)[:, None] + tilt * (u - 0.5)[None]
    base = side.start[:, None] + (side.stop - side.start)[:, None] * u[None]
    xs = base[0][None] + side.inward[0] * offsets - 0.5
    ys = base[1][None] + side.inward[1] * offsets - 0.5
    samples = cv2.remap(
        tone, xs.astype(np.float32), ys.astype(np.float32), cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE
    )
    return (samples < _MAX_INK_TONE).mean(axis=1), samples.mean(axis=1)


def _find_line_in_profile(ink: Profile, light: Profile, reach: int, keep: bool) -> tuple[float, float] | None:
    """Find the frame line in one profile; return its score and the offset of the cut in pixels, or None."""
    zero, last = reach + 4, len(ink) - 1
    inside = float(np.median(ink[zero + reach :]))
    best: tuple[float, float] | None = None
    for j in range(4, zero + reach):
        rise = float(ink[j] - ink[j - 2])
        if ink[j] < 0.55 or rise < 0.4 or light[max(0, j - 4) : j - 1].mean() < 170:
            continue
        peak = float(ink[j : j + 3].max())
        stop = next((k for k in range(j + 1, min(last, j + reach + 4)) if ink[k] < (peak + inside) / 2), None)
        merged = peak - inside < 0.2 or stop is None
        inner = j + 0.5 if merged or stop is None else float(stop)
        cut = j - 1.0 if keep else inner
        score = rise - 0.02 * abs(j - zero)
        if cut - zero >= -6 and (best is None or score > best[0]):
            best = score, cut - zero
    return best or _find_dark_gutter_end(ink, zero, inside)


def _find_dark_gutter_end(ink: Profile, zero: int, inside: float) -> tuple[float, float] | None:
    """Find where a black gutter ends and the drawing begins."""
    if ink[: zero - 3].min() < 0.9 or inside > 0.6:
        return None
    stop = next((k for k in range(zero - 3, len(ink)) if ink[k] < (1 + inside) / 2), None)
    return None if stop is None else (0.3, float(stop - zero))
