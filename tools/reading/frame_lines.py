"""Propose the straight lines of a page that may be frame lines of panels, without judging them.

The line segment detector (Grompone von Gioi et al., 2010) finds both edges of every straight stroke at any slope, so
the slopes to try come from the page itself. A fixed grid of slopes would lose thin, tilted gutters.
"""

from __future__ import annotations

from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.geometry import Line
from tools.reading.working_page import Grey, WorkingPage

Segments = NDArray[np.float64]
"""(n, 4): x0, y0, x1, y1 in pixels of the working page."""

SEED_LENGTH = 0.06
"""A stroke shorter than this share of the page's side proposes no line of its own; it only supports others."""
MIN_STUMP, STUMP_REACH = 0.03, 0.015
"""Shares of the page's side: least length of a stroke that proposes a line because lettering or a balloon hides its
rest, and how near its end that must begin."""


@dataclass(frozen=True)
class Candidate:
    """A straight line that may be a frame line."""

    line: Line
    middle: tuple[float, float]
    """Middle of the stroke that proposed the line, in pixels of the working page."""
    length: float
    """Length of that stroke in pixels."""
    is_stump: bool = False
    """Whether the stroke is short because a balloon hides its rest."""


def find_segments(grey: Grey) -> Segments:
    """Return all straight segments of a grey picture.

    OpenCV 4 returns them as (n, 1, 4), OpenCV 5 as (n, 4); both return None if there are none.
    """
    segments = cv2.createLineSegmentDetector(cv2.LSD_REFINE_STD, 0.8).detect(grey)[0]
    if segments is None:
        return np.zeros((0, 4))
    return np.asarray(segments, dtype=np.float64).reshape(-1, 4)


def line_through(x0: float, y0: float, x1: float, y1: float) -> Line:
    """Return the line through two points; its normal points down, or right if the line is upright."""
    dx, dy = x1 - x0, y1 - y0
    length = max(float(np.hypot(dx, dy)), 1e-9)
    nx, ny = -dy / length, dx / length
    if (abs(ny) >= abs(nx) and ny < 0) or (abs(nx) > abs(ny) and nx < 0):
        nx, ny = -nx, -ny
    return Line(nx, ny, nx * x0 + ny * y0)


def propose_frame_lines(page: WorkingPage) -> list[Candidate]:
    """Return the lines of a page that may be frame lines, longest stroke first.

    Each long segment starts one line, and so does a shorter one that ends at a balloon. All segments that lie along it
    are fitted with it, so that a frame line broken by a balloon or a figure gets the slope of all its pieces.
    """
    segments = find_segments(page.grey)
    if not len(segments):
        return []
    lengths = np.hypot(segments[:, 2] - segments[:, 0], segments[:, 3] - segments[:, 1])
    proposed: list[Candidate] = []
    for i in (int(i) for i in np.argsort(-lengths) if lengths[i] >= MIN_STUMP * page.side):
        seed, is_stump = segments[i], bool(lengths[i] < SEED_LENGTH * page.side)
        if is_stump and not _ends_at_hidden(page, seed, float(lengths[i])):
            continue
        line = _fit_line(seed, segments, lengths)
        middle = (float(seed[0] + seed[2]) / 2, float(seed[1] + seed[3]) / 2)
        proposed.append(Candidate(line, middle, float(lengths[i]), is_stump))
    return proposed


def _ends_at_hidden(page: WorkingPage, segment: NDArray[np.float64], length: float) -> bool:
    """Return whether lettering or a balloon begins right behind one end of a segment."""
    step = (segment[2:] - segment[:2]) / length
    beyond = np.arange(0.0, STUMP_REACH * page.side)[:, None] * step
    points = np.concatenate([segment[:2] - beyond, segment[2:] + beyond])
    x, y = (np.clip(np.round(points[:, k]), 0, page.unknown.shape[1 - k] - 1).astype(np.int64) for k in (0, 1))
    return bool((page.unknown[y, x] > 0).any())


def _fit_line(seed: NDArray[np.float64], segments: Segments, lengths: NDArray[np.float64]) -> Line:
    """Fit a line by least squares to a seed segment and the segments that continue it."""
    line = line_through(*(float(v) for v in seed))
    for reach in (2.0, 1.5):
        first = line.nx * segments[:, 0] + line.ny * segments[:, 1] - line.c
        last = line.nx * segments[:, 2] + line.ny * segments[:, 3] - line.c
        near = (np.abs(first) < reach) & (np.abs(last) < reach)
        if near.sum() < 2:
            return line
        points = np.concatenate([segments[near, :2], segments[near, 2:]])
        weight = np.concatenate([lengths[near], lengths[near]])
        centre = (points * weight[:, None]).sum(0) / weight.sum()
        spread = (points - centre) * weight[:, None] ** 0.5
        direction = np.linalg.svd(spread, full_matrices=False)[2][0]
        line = line_through(
            float(centre[0]), float(centre[1]), float(centre[0] + direction[0]), float(centre[1] + direction[1])
        )
    return line
