"""Find the paper of a page: the ground that its margins and gutters show, whatever its colour.

On most pages the paper is the colour of the outermost pixels. Where pictures run off the page it is white. The paper of
a strip may change its colour on the way down, so it is looked for in rows that have one colour from side to side; the
even sky of a picture is such rows as well, and is told from paper by the edge that parts it from the paper above.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.plates import Image, Mask
from tools.reading.strips import is_strip

Bits = NDArray[np.bool_]
Reals = NDArray[np.floating]

RING = 0.006
"""Width of the outermost pixels that show the paper, as a share of the page's shorter side."""
MIN_RING_SHARE = 0.5
"""The most frequent colour of the outermost pixels is the paper if it covers this share of them."""
MIN_TOLERANCE, MAX_TOLERANCE = 20.0, 50.0
"""Limits of how far paper may differ from its colour in any channel (0..255): a clean file, and a grainy scan."""
WHITE, MAX_TINT = 205, 40
"""White is lighter than WHITE in every channel, and its channels differ by no more than MAX_TINT."""

MAX_VARIATION, MIN_EVEN_SHARE = 24, 0.99
"""A row is even if this share of it differs by no more than MAX_VARIATION from a ramp between its two ends."""
STEP, MIN_STEP_SHARE = 8, 0.9
"""Between two rows there is an edge if so much of their width changes by more than STEP in any channel."""
EXAMINED_WIDTH = 160
"""Width in pixels to which the rows of a strip are squeezed to be examined."""
MAX_LINE = 8
"""Bands that are no further apart than this many working pixels are parted by an edge or a frame line alone."""
EVEN_BAND = 0.006
"""Even rows lower than this share of the width are a line, not a band."""


@dataclass(frozen=True)
class _Band:
    """Even rows of a strip without an edge among them."""

    top: int
    bottom: int
    """The first row, and the row after the last."""
    ends_at_edge: tuple[bool, bool]
    """Whether its first and its last row lie at an edge across the strip or at the end of the strip."""
    colours: Reals
    """Colours of its first and last row at the left and right end, (2, 2, 3)."""

    @property
    def edges(self) -> int:
        """Number of its ends that lie at an edge."""
        return sum(self.ends_at_edge)

    @property
    def weight(self) -> float:
        """How much the band speaks for being paper: its rows, more if both ends are edges, less if only one is."""
        return (self.bottom - self.top) * (1.0, 0.25, 3.0)[self.edges]


def find_paper(page: Image, unknown: Mask) -> Bits:
    """Find the paper of a page.

    Args:
        page: The page at its working size, (h, w, 3) RGB uint8.
        unknown: Mask of what lettering and balloons hide, (h, w) uint8, 255 = hidden.

    Returns:
        Where the page shows paper, (h, w) bool. Places of the same colour within pictures count too.
    """
    if is_strip(page):
        found = _find_strip_paper(page, unknown > 0)
        if found is not None:
            return found
    ring = _outermost_pixels(page)
    colour = _most_frequent_colour(ring)
    off = np.abs(ring - colour).max(axis=1)
    if (off <= MAX_TOLERANCE).mean() >= MIN_RING_SHARE:
        tolerance = _tolerance(off[off <= MAX_TOLERANCE])
        return np.asarray(np.abs(page.astype(np.int16) - colour.astype(np.int16)).max(axis=2) <= tolerance)
    return np.asarray((page.min(axis=2) > WHITE) & (page.max(axis=2) - page.min(axis=2) <= MAX_TINT))


def _outermost_pixels(page: Image) -> Reals:
    """Return the outermost pixels of a page, (n, 3)."""
    width = max(2, round(RING * min(page.shape[:2])))
    sides = (page[:width], page[-width:], page[width:-width, :width], page[width:-width, -width:])
    return np.concatenate([side.reshape(-1, 3) for side in sides]).astype(np.float64)


def _most_frequent_colour(pixels: Reals) -> Reals:
    """Return the median of the pixels near the most frequent colour."""
    bins = (pixels // 16).astype(np.int64)
    codes = bins[:, 0] * 256 + bins[:, 1] * 16 + bins[:, 2]
    code = int(np.bincount(codes).argmax())
    centre = np.median(pixels[codes == code], axis=0)
    return np.asarray(np.median(pixels[np.abs(pixels - centre).max(axis=1) <= MIN_TOLERANCE], axis=0))


def _tolerance(off: Reals) -> float:
    """Return how far paper may differ from its colour, by the grain of paper that is known."""
    grain = float(np.percentile(off, 95)) if len(off) else 0.0
    return float(np.clip(3 * grain + 8, MIN_TOLERANCE, MAX_TOLERANCE))


def _find_strip_paper(page: Image, unknown: Bits) -> Bits | None:
    """Return where a strip shows paper, None if none of its even rows are paper."""
    narrow = (EXAMINED_WIDTH, page.shape[0])
    rgb = np.asarray(cv2.resize(page, narrow, interpolation=cv2.INTER_AREA), dtype=np.float32)
    hidden = np.asarray(cv2.resize(unknown.astype(np.uint8), narrow, interpolation=cv2.INTER_NEAREST)) > 0
    ends = np.stack([np.median(rgb[:, :4], axis=1), np.median(rgb[:, -4:], axis=1)], axis=1)
    off = np.abs(rgb - _ramp(ends, EXAMINED_WIDTH)).max(axis=2)
    even = ((off <= MAX_VARIATION) | hidden).mean(axis=1) >= MIN_EVEN_SHARE
    bands = _find_bands(even, _find_edges(rgb, hidden), ends, max(2, round(EVEN_BAND * page.shape[1])))
    chosen = _choose_paper(bands)
    if not chosen:
        return None
    rows = np.concatenate([np.arange(band.top, band.bottom) for band in chosen])
    every = np.arange(page.shape[0])
    colours = np.stack(
        [np.interp(every, rows, ends[rows, side, channel]) for side in (0, 1) for channel in range(3)], axis=1
    ).reshape(-1, 2, 3)
    off = _distance_from(page, colours)
    paper = off <= _tolerance(off[rows][~unknown[rows]][::7])
    for band in bands:
        paper[band.top : band.bottom] = band in chosen
    return np.asarray(paper)


def _distance_from(page: Image, ends: Reals) -> Reals:
    """Return how far each pixel differs from ramps between the colours at both ends of its row, (h, w)."""
    largest = np.zeros(page.shape[:2], np.float32)
    share = np.linspace(0.0, 1.0, page.shape[1], dtype=np.float32)[None, :]
    for channel in range(3):
        left, right = (ends[:, side, channel].astype(np.float32)[:, None] for side in (0, 1))
        np.maximum(largest, np.abs(page[:, :, channel] - (left + (right - left) * share)), out=largest)
    return largest


def _ramp(ends: Reals, width: int) -> Reals:
    """Return rows that run from the colours at the left to those at the right, (h, width, 3), for `ends` (h, 2, 3)."""
    share = np.linspace(0.0, 1.0, width)[None, :, None]
    return np.asarray(ends[:, :1] * (1 - share) + ends[:, 1:] * share, dtype=np.float32)


def _find_edges(rgb: Reals, unknown: Bits) -> Bits:
    """Return the rows, (h,) bool, at which a strip changes its colour over its whole width."""
    known = ~(unknown[2:] | unknown[:-2])
    changed = (np.abs(rgb[2:] - rgb[:-2]).max(axis=2) > STEP) & known
    edges = np.zeros(len(rgb), bool)
    edges[1:-1] = changed.sum(axis=1) >= MIN_STEP_SHARE * np.maximum(known.sum(axis=1), 0.3 * rgb.shape[1])
    return edges


def _find_bands(even: Bits, edges: Bits, ends: Reals, least: int) -> list[_Band]:
    """Return the bands of even rows that are at least `least` rows high."""
    flags = np.concatenate([[0], (even & ~edges).astype(np.int8), [0]])
    changes = np.flatnonzero(np.diff(flags))
    bands = []
    for top, bottom in zip(changes[::2], changes[1::2], strict=True):
        if bottom - top < least:
            continue
        at_edge = (
            bool(top < 3 or edges[top - 3 : top].any()),
            bool(bottom > len(even) - 3 or edges[bottom : bottom + 3].any()),
        )
        colours = np.stack([ends[min(top + 1, bottom - 1)], ends[max(bottom - 2, top)]])
        bands.append(_Band(int(top), int(bottom), at_edge, colours))
    return bands


def _choose_paper(bands: list[_Band]) -> list[_Band]:
    """Return the bands that are paper, from the top.

    The colour with the most weight is paper. A band with an edge at both ends is paper of another colour, where the
    paper fades on its way down, if no edge parts it from paper. Any other band is paper if it has the colour of the
    paper nearest to it, unless it lies in a picture that fills the strip's width from edge to edge.
    """
    if not bands:
        return []
    weights = [sum(other.weight for other in bands if _distance(band, other) <= MAX_VARIATION) for band in bands]
    common = bands[int(np.argmax(weights))]
    first = max((band for band in bands if _distance(band, common) <= MAX_VARIATION), key=lambda band: band.weight)
    chosen = [first]
    for edges in (2, 1, 0):
        waiting = [band for band in bands if band.edges == edges and band is not first]
        while waiting:
            band = min(waiting, key=lambda other: min(_distance(other, paper) for paper in chosen))
            waiting.remove(band)
            if _is_paper(band, chosen):
                chosen.append(band)
    return sorted(chosen, key=lambda band: band.top)


def _is_paper(band: _Band, chosen: list[_Band]) -> bool:
    """Return whether a band is paper, by the bands that are known to be paper."""
    if any(_are_adjacent(band, paper) for paper in chosen):
        return False
    if band.edges == 2:
        return True
    near = _neighbours(band, chosen)
    if min(_distance(band, paper) for paper in near) > MIN_TOLERANCE:
        return False
    return band.edges == 1 or len(near) < 2 or not (near[0].ends_at_edge[1] and near[1].ends_at_edge[0])


def _neighbours(band: _Band, chosen: list[_Band]) -> list[_Band]:
    """Return the nearest chosen bands above and below a band; one of them, or both, may be missing."""
    above = [paper for paper in chosen if paper.bottom <= band.top]
    below = [paper for paper in chosen if paper.top >= band.bottom]
    nearest = [max(above, key=lambda paper: paper.top)] if above else []
    return [*nearest, min(below, key=lambda paper: paper.top)] if below else nearest


def _distance(a: _Band, b: _Band) -> float:
    """Return how far the colours of two bands differ where they face each other."""
    upper, lower = sorted((a, b), key=lambda band: band.top)
    return float(np.abs(upper.colours[1] - lower.colours[0]).max())


def _are_adjacent(a: _Band, b: _Band) -> bool:
    """Return whether only an edge lies between two bands."""
    upper, lower = sorted((a, b), key=lambda band: band.top)
    return lower.top - upper.bottom <= MAX_LINE
