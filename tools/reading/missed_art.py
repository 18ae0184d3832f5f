"""Find signs on a page that panels were missed: drawings outside every panel, and frame lines within a panel."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, box_polygon, overlap_area, union_box
from tools.plates import Image, Mask
from tools.reading.frame_lines import find_segments
from tools.reading.ocr import TextLine
from tools.reading.paper import find_paper
from tools.reading.working_page import resize_page

EXAMINED_SIDE = 500.0
"""Side in pixels of the square that has as many pixels as the page that is examined, at most twice its width."""
MARGIN = 0.02
"""Drawing this near a panel, as a share of the page's side, belongs to it: frame lines, and what leans out of it."""
MAX_SPACING = 0.025
"""Strokes of one drawing lie no further apart, as a share of the page's side."""
MIN_LENGTH, MIN_WIDTH = 0.07, 0.02
"""A drawing outside the panels is at least so long and so wide, as shares of the page's side; less is a page number."""
MAX_PAGE_SHARE = 0.35
"""Where more of the page is left outside the panels and drawn, the colour of the paper is not known."""
MIN_LINE, MAX_LEAN = 0.12, 0.02
"""Least length of a frame line as a share of the page's side, and the sine of its lean at most."""
LIGHT, DARK, REACH = 205, 150, 4
"""Grey values (0..255) of the paper at one side of a frame line and of what lies at the other, and how far away."""
MAX_FRAME_LINES = 5
"""A picture that fills a page holds no more straight lines beside paper."""

ROW_SPACING, ART_MARGIN = 0.1, 0.08
"""Drawings of a strip no further above each other are one panel, which reaches so far beyond them, in its widths."""

Bits = NDArray[np.bool_]


def find_art_outside(page: Image, hidden: Mask, panels: Sequence[Polygon]) -> list[Box]:
    """Find the drawings that stand in no panel.

    Args:
        page: The image of the page, (h, w, 3) RGB uint8.
        hidden: Mask of lettering and balloons, (h, w) uint8, 255 = hidden.
        panels: The panels of the page in page pixels.

    Returns:
        Boxes around them in page pixels, from the top.
    """
    small, covered, scale = _shrink(page, hidden)
    side = _side(small)
    drawing = ~find_paper(small, covered) & (covered == 0)
    taken = np.zeros(small.shape[:2], np.uint8)
    for panel in panels:
        points = np.round(np.array(panel) * scale).astype(np.int32)
        cv2.fillPoly(taken, [points], 1)
        cv2.polylines(taken, [points], True, 1, 2 * max(1, round(MARGIN * side)))
    outside = (drawing & (taken == 0)).astype(np.uint8)
    if outside.mean() > MAX_PAGE_SHARE:
        return []
    reach = max(1, round(MAX_SPACING * side / 2))
    joined = cv2.dilate(outside, np.ones((2 * reach + 1, 2 * reach + 1), np.uint8))
    _, _, stats, _ = cv2.connectedComponentsWithStats(joined, connectivity=8)
    found = []
    for x, y, w, h, _ in stats[1:].tolist():
        box = Box(x + reach, y + reach, x + w - reach, y + h - reach)
        if max(box.width, box.height) >= MIN_LENGTH * side and min(box.width, box.height) >= MIN_WIDTH * side:
            found.append(Box(*(value / scale for value in box)))
    return sorted(found, key=lambda box: box.y0)


def cover_lines(hidden: Mask, lines: Sequence[TextLine]) -> Mask:
    """Return the mask of lettering and balloons with all lines covered, also those drawn large across panels."""
    covered = hidden.copy()
    for line in lines:
        points = np.round(line.quad).astype(np.int32)
        cv2.fillPoly(covered, [points], 255)
        cv2.polylines(covered, [points], True, 255, max(1, round(0.3 * min(line.box.width, line.box.height))))
    return covered


def frame_free_art(art: Sequence[Box], panels: Sequence[Polygon], width: int) -> list[Polygon]:
    """Return panels for the drawings of a strip that stand on its paper.

    Drawings at one height are one panel. It reaches a little beyond them, and never into another panel.

    Args:
        art: Boxes around the drawings in page pixels, from the top.
        panels: The panels of the strip in page pixels.
        width: Width of the strip in pixels.
    """
    rows: list[Box] = []
    for box in art:
        if rows and box.y0 < rows[-1].y1 + ROW_SPACING * width:
            rows[-1] = union_box((rows[-1], box))
        else:
            rows.append(box)
    taken = [bounding_box(panel) for panel in panels]
    framed = []
    for row in rows:
        reach = ART_MARGIN * width
        top = max([0.0, row.y0 - reach, *(box.y1 for box in taken if box.y1 <= row.center[1])])
        bottom = min([row.y1 + reach, *(box.y0 for box in taken if box.y0 >= row.center[1])])
        frame = Box(max(0.0, row.x0 - reach), top, min(float(width), row.x1 + reach), bottom)
        if not any(overlap_area(frame, box) > 0 for box in taken):
            framed.append(box_polygon(frame))
    return framed


def has_frame_lines(page: Image, hidden: Mask) -> bool:
    """Return whether more lines of a page lie beside paper, level or upright, than a single picture would show.

    Args:
        page: The image of the page, (h, w, 3) RGB uint8.
        hidden: Mask of lettering and balloons, (h, w) uint8, 255 = hidden.
    """
    small, covered, _ = _shrink(page, hidden)
    grey = np.asarray(cv2.cvtColor(small, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    segments = find_segments(grey)
    across, along = np.abs(segments[:, 2:] - segments[:, :2]).min(1), np.abs(segments[:, 2:] - segments[:, :2]).max(1)
    straight = segments[(along >= MIN_LINE * _side(small)) & (across <= MAX_LEAN * along)]
    return sum(_is_beside_paper(grey, covered, segment) for segment in straight) > MAX_FRAME_LINES


def _is_beside_paper(grey: NDArray[np.uint8], covered: Mask, segment: NDArray[np.float64]) -> bool:
    """Return whether paper lies along one side of a segment and drawing along the other."""
    points = np.linspace(segment[:2], segment[2:], 30)
    step = np.array([0, REACH]) if abs(segment[2] - segment[0]) > abs(segment[3] - segment[1]) else np.array([REACH, 0])
    sides = []
    for way in (-1, 1):
        x, y = (np.clip(np.round((points + way * step)[:, k]), 0, grey.shape[1 - k] - 1).astype(int) for k in (0, 1))
        if (covered[y, x] > 0).mean() > 0.5:
            return False
        sides.append(((grey[y, x] > LIGHT).mean(), (grey[y, x] < DARK).mean()))
    return bool(max(light for light, _ in sides) > 0.9 and max(dark for _, dark in sides) > 0.3)


def _shrink(page: Image, hidden: Mask) -> tuple[Image, Mask, float]:
    """Return the page and its mask at the examined size, and that size as a share of the page's own."""
    height, width = page.shape[:2]
    scale = min(1.0, EXAMINED_SIDE / float(min((height * width) ** 0.5, 2.0 * width)))
    size = max(1, round(width * scale)), max(1, round(height * scale))
    covered = np.asarray(cv2.resize(hidden, size, interpolation=cv2.INTER_NEAREST), dtype=np.uint8)
    return resize_page(page, size), covered, scale


def _side(page: Image) -> float:
    """Return the side in pixels of the square with the page's area, at most twice its width."""
    height, width = page.shape[:2]
    return float(min((height * width) ** 0.5, 2.0 * width))
