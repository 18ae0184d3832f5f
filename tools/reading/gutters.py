"""Divide a page at its gutters: wherever paper runs between pictures, whatever their frame lines look like.

The page is taken apart into connected pieces of drawing on paper, and the pieces are divided again and again into two
groups with paper between them: the recursive X-Y cut (Nagy and Seth, 1984) on outlines instead of pixel sums, so
that gutters may slant and hand-drawn frames may reach into a gutter from both sides. Paper is a gutter only if at least
one of its sides is straight: that is how a picture ends, with or without a frame line. Figures and lettering that stand
free on paper do not.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import Line, box_polygon, clip_polygon
from tools.plates import Mask

Bits = NDArray[np.bool_]
Reals = NDArray[np.float64]

MIN_PIECE = 0.02
"""A piece smaller than this share of the page's side, in both directions, is dust or a letter."""
LARGE_PIECE = 0.06
"""Smaller pieces do not block a gutter; they belong to the side on which their middle lies."""
WOBBLE = 0.012
"""A hand-drawn frame may reach this far over a straight line, as a share of the page's side."""
MAX_UNEVENNESS = 0.018
"""The side of a gutter is straight as far as the drawing begins within this share of the page's side."""
MIN_STRAIGHT = 0.05
"""Whether a shorter side is straight cannot be told; a share of the page's side."""
MIN_STRAIGHT_STRIP = 0.12
"""The same in a strip, where drawings stand free and the pictures are large."""
MIN_GROUP = 0.02
"""A group thinner than this share of the page's side is a stroke, not a picture."""
STRAIGHT_BOTH, STRAIGHT_ONE = 0.6, 0.72
"""Least straight share of the two sides of a gutter, if both are straight, and of one side if the other is not."""
MIN_GUTTER = 0.006
"""Least width of a gutter with one straight side, as a share of the page's side."""
MIN_FREE_GUTTER = 0.08
"""Least height of paper between free-standing drawings of a strip, as a share of its width."""
MAX_BRIDGE = 0.022
"""Width up to which drawing that joins two pictures over a gutter is taken away, as a share of the page's side."""
MIN_INTERIOR = 0.025
"""Paper enclosed by drawing is the inside of a picture if a disc of this radius fits into it."""
MIN_SOLIDITY = 0.88
"""A picture fills at least this share of its convex hull."""
MIN_KEPT = 0.97
"""Least share of the drawing of pictures that is not a thin connection between them."""
MIN_PAPER = 0.5
"""Least share of a gutter's length that is seen to be paper; balloons may hide the rest."""
STRAIGHT_STEP = 0.008
"""Steps in which a side is examined, as a share of the page's side."""
CERTAIN = 1.85
"""Score from which on no other slope is tried."""
TILTS = np.concatenate([np.arange(0.0, 0.06, 0.005), np.arange(0.06, 0.32, 0.01)])
"""Slopes of gutters that are tried, to both sides."""


@dataclass(frozen=True)
class Part:
    """A part of the page that paper divides from the others."""

    region: Polygon
    """Convex polygon in working pixels with the gutters around it."""
    bounds: tuple[Line, ...]
    """Lines along the straight sides of its drawing, with normals that point outwards."""

    def trim(self, polygon: Polygon) -> Polygon:
        """Return the part of a polygon within the straight sides."""
        for line in self.bounds:
            polygon = clip_polygon(polygon, line) if polygon else ()
        return polygon


@dataclass(frozen=True)
class _Piece:
    """A connected piece of drawing."""

    outline: Reals
    """Points of its outline, (n, 2) x and y in working pixels."""
    hull: Reals
    """Corners of its convex hull, (m, 2)."""
    large: bool


@dataclass(frozen=True)
class _Cut:
    """A gutter between two groups of pieces."""

    score: float
    straight: float
    """Straight share of the less straight side, 0..1."""
    groups: tuple[list[_Piece], list[_Piece]]
    limits: tuple[tuple[Line, Line], tuple[Line, Line]]
    """For each group the far side of the gutter and the line where the group ends; all normals point outwards."""
    middle: float
    """Place of the middle of the gutter."""


def divide_at_gutters(
    drawing: Bits, unknown: Mask, side: float, *, free_standing: bool = False, strict: bool = False
) -> list[Part]:
    """Divide a page into the parts between which paper runs.

    Args:
        drawing: Where the page shows anything but paper, (h, w) bool.
        unknown: Mask of lettering and balloons, (h, w) uint8, 255 = hidden.
        side: Side of the working page in pixels; thresholds scale with it.
        free_standing: Whether drawings without a straight side are parted too, where much paper lies between them.
        strict: Whether both sides of every gutter must be straight.

    Returns:
        The parts, in no order.
    """
    ink = (drawing & (unknown == 0)).astype(np.uint8)
    pieces = _find_pieces(ink, side)
    opened: Mask | None = None
    parts: list[Part] = []
    waiting: list[tuple[list[_Piece], tuple[tuple[Line, Line], ...]]] = [(pieces, ())]
    while waiting:
        group, limits = waiting.pop()
        if not any(piece.large for piece in group):
            continue
        cut = _find_best_cut(group, unknown, side, free_standing=free_standing, strict=strict)
        if cut is None:
            opened = _remove_bridges(ink, side) if opened is None else opened
            cut = _find_best_cut(_loosen(group, ink, opened, side), unknown, side, strict=True)
        if cut is None:
            parts.append(_make_part(group, limits, drawing.shape, side))
            continue
        waiting.append((cut.groups[0], (*limits, cut.limits[0])))
        waiting.append((cut.groups[1], (*limits, cut.limits[1])))
    return [part for part in parts if part.region]


def _remove_bridges(drawing: Mask, side: float) -> Mask:
    """Return the drawing with its pictures filled and thin connections between them taken away."""
    _, holes = cv2.connectedComponents(1 - drawing, connectivity=4)
    depth = cv2.distanceTransform(1 - drawing, cv2.DIST_L2, 3)
    outside = np.unique(np.concatenate([holes[0], holes[-1], holes[:, 0], holes[:, -1]]))
    interior = np.setdiff1d(np.unique(holes[depth > MIN_INTERIOR * side]), outside)
    solid = drawing | np.isin(holes, interior).astype(np.uint8)
    width = 2 * round(MAX_BRIDGE * side / 2) + 1
    return np.asarray(cv2.morphologyEx(solid, cv2.MORPH_OPEN, np.ones((width, width), np.uint8)), dtype=np.uint8)


def _loosen(group: Sequence[_Piece], drawing: Mask, opened: Mask, side: float) -> list[_Piece]:
    """Return the pieces into which a group falls without the thin connections among them.

    Line art falls into pieces of any shape as well. Only pieces that fill their hulls are pictures.
    """
    mask = np.zeros(opened.shape, np.uint8)
    cv2.drawContours(mask, [piece.outline.astype(np.int32).reshape(-1, 1, 2) for piece in group], -1, 1, cv2.FILLED)
    ink = mask & drawing
    if (ink & opened).sum() < MIN_KEPT * ink.sum():
        return []
    pieces = _find_pieces(mask & opened, side)
    return pieces if all(_is_solid(piece) for piece in pieces if piece.large) else []


def _is_solid(piece: _Piece) -> bool:
    """Return whether a piece fills most of its hull, as a picture does."""
    filled, hull = (cv2.contourArea(points.astype(np.float32)) for points in (piece.outline, piece.hull))
    return filled >= MIN_SOLIDITY * hull


def _find_pieces(drawing: Mask, side: float) -> list[_Piece]:
    """Return the connected pieces of drawing, without dust and without what other pieces enclose."""
    contours, _ = cv2.findContours(drawing, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    pieces = []
    for contour in contours:
        _, _, width, height = cv2.boundingRect(contour)
        if max(width, height) < MIN_PIECE * side:
            continue
        hull = cv2.convexHull(contour).reshape(-1, 2).astype(np.float64)
        pieces.append(
            _Piece(contour.reshape(-1, 2).astype(np.float64), hull, bool(max(width, height) >= LARGE_PIECE * side))
        )
    return pieces


def _make_part(
    group: Sequence[_Piece], limits: Sequence[tuple[Line, Line]], size: tuple[int, ...], side: float
) -> Part:
    """Return the part of the page with a group of pieces, between the gutters around it."""
    region: Polygon = box_polygon(Box(0.0, 0.0, float(size[1]), float(size[0])))
    for middle, _ in limits:
        region = clip_polygon(region, middle) if region else ()
    points = np.concatenate([piece.outline for piece in group if piece.large])
    bounds = [end for _, end in limits]
    for line, u in (
        (Line(1.0, 0.0, 0.0), 1),
        (Line(-1.0, 0.0, 0.0), 1),
        (Line(0.0, 1.0, 0.0), 0),
        (Line(0.0, -1.0, 0.0), 0),
    ):
        v = points @ np.array([line.nx, line.ny])
        if _straight_share(points[:, u], v, side) >= STRAIGHT_BOTH:
            bounds.append(line.offset(float(v.max()) + (1.0 if line.nx + line.ny > 0 else 0.0)))
    return Part(region, tuple(bounds))


def _find_best_cut(
    group: list[_Piece], unknown: Mask, side: float, *, free_standing: bool = False, strict: bool = False
) -> _Cut | None:
    """Return the most certain gutter through a group, None without one; `strict` asks for two straight sides."""
    best: _Cut | None = None
    for tilt in sorted({float(t) for t in np.concatenate([TILTS, -TILTS])}, key=abs):
        if best is not None and best.score > CERTAIN:
            break
        for level in (True, False):
            axes = _Axes(tilt, level)
            least = STRAIGHT_BOTH if strict else 0.0
            for cut in _find_cuts(
                group, axes, unknown, side, strip=free_standing, free_standing=free_standing and level and tilt == 0
            ):
                if cut.straight >= least and (best is None or cut.score > best.score):
                    best = cut
    return best


class _Axes:
    """Directions across and along gutters of one slope."""

    def __init__(self, tilt: float, level: bool) -> None:
        length = float(np.hypot(1.0, tilt))
        self.across: Reals = np.array([-tilt, 1.0] if level else [1.0, -tilt]) / length
        self.along: Reals = np.array([1.0, tilt] if level else [tilt, 1.0]) / length
        self.slant = abs(tilt) / length

    def line(self, place: float) -> Line:
        """Return the line at a place across the gutters."""
        return Line(float(self.across[0]), float(self.across[1]), place)


def _find_cuts(
    group: list[_Piece], axes: _Axes, unknown: Mask, side: float, *, strip: bool, free_standing: bool
) -> Iterator[_Cut]:
    """Yield the gutters of one slope through a group."""
    spans: list[tuple[float, float, _Piece]] = []
    for piece in group:
        if piece.large:
            places = piece.hull @ axes.across
            low, high = float(places.min()), float(places.max())
            yielding = min(WOBBLE * side, 0.1 * (high - low))
            spans.append((low + yielding, high - yielding, piece))
    spans.sort(key=lambda span: span[0])
    reach = -np.inf
    for index, (low, high, _) in enumerate(spans):
        if index and low > reach:
            before, behind = ([span[2] for span in part] for part in (spans[:index], spans[index:]))
            cut = _judge_gutter(before, behind, axes, unknown, side, strip=strip, free_standing=free_standing)
            if cut is not None:
                small = [piece for piece in group if not piece.large]
                yield _share_out(cut, small, axes)
        reach = max(reach, high)


def _judge_gutter(
    before: list[_Piece],
    behind: list[_Piece],
    axes: _Axes,
    unknown: Mask,
    side: float,
    *,
    strip: bool,
    free_standing: bool,
) -> _Cut | None:
    """Return the gutter between two groups of pieces, None if what lies between them is none."""
    points = [np.concatenate([piece.outline for piece in pieces]) for pieces in (before, behind)]
    first, second = (group @ axes.across for group in points)
    if min(np.ptp(first), np.ptp(second)) < MIN_GROUP * side:
        return None
    along = [group @ axes.along for group in points]
    least = MIN_STRAIGHT_STRIP if strip else MIN_STRAIGHT
    straight = _straight_share(along[0], first, side, least), _straight_share(along[1], -second, side, least)
    end, begin = float(first.max()), float(second.min())
    gap = begin - end - 1
    if gap < _least_gap(straight, side, unknown.shape[1] if free_standing else None):
        return None
    middle = (end + begin + 1) / 2
    if _hidden_share(axes, middle, along, unknown) > 1 - MIN_PAPER:
        return None
    far, near = axes.line(max(end + 1, begin)), axes.line(min(end + 1, begin)).flip()
    end, begin = (end + 1, begin) if gap > 0 else (middle, middle)
    width = 0.3 * min(gap / side / 0.02, 1.0) if gap > 0 else 20 * gap / side
    return _Cut(
        score=sum(straight) + width - 0.3 * axes.slant,
        straight=min(straight),
        groups=(before, behind),
        middle=middle,
        limits=((far, axes.line(end)), (near, axes.line(begin).flip())),
    )


def _least_gap(straight: tuple[float, float], side: float, strip_width: int | None) -> float:
    """Return how wide a gutter must be at least, in pixels, by how straight its two sides are."""
    if min(straight) >= STRAIGHT_BOTH:
        return -np.inf
    if max(straight) >= STRAIGHT_ONE:
        return MIN_GUTTER * side
    return np.inf if strip_width is None else MIN_FREE_GUTTER * strip_width


def _share_out(cut: _Cut, small: list[_Piece], axes: _Axes) -> _Cut:
    """Return the cut with the small pieces in the group on whose side their middle lies."""
    nearer = [float((piece.hull @ axes.across).mean()) < cut.middle for piece in small]
    before, behind = (
        [piece for piece, near in zip(small, nearer, strict=True) if near == way] for way in (True, False)
    )
    return replace(cut, groups=([*cut.groups[0], *before], [*cut.groups[1], *behind]))


def _straight_share(along: Reals, across: Reals, side: float, least: float = MIN_STRAIGHT) -> float:
    """Return how much of the outermost drawing lies near its outermost point: 1 for a straight frame."""
    length = float(np.ptp(along))
    if length < least * side:
        return 0.0
    bins = ((along - along.min()) / (STRAIGHT_STEP * side)).astype(np.int64)
    outermost = np.full(int(bins.max()) + 1, -np.inf)
    np.maximum.at(outermost, bins, across)
    return float((outermost >= across.max() - min(MAX_UNEVENNESS * side, 0.08 * length)).mean())


def _hidden_share(axes: _Axes, middle: float, along: Sequence[Reals], unknown: Mask) -> float:
    """Return how much of the middle of a gutter lettering and balloons hide, where drawing lies on both sides."""
    start, end = max(float(u.min()) for u in along), min(float(u.max()) for u in along)
    if end - start < 1:
        return 0.0
    points = middle * axes.across + np.linspace(start, end, 200)[:, None] * axes.along
    x, y = (np.clip(np.round(points[:, k]), 0, unknown.shape[1 - k] - 1).astype(np.int64) for k in (0, 1))
    return float((unknown[y, x] > 0).mean())
