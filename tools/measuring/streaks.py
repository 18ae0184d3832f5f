"""Tell panels in which rain is drawn by their many short straight streaks, all slanted alike, over a dark picture."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Box
from tools.pixels import intersect_box, to_grey, whole_pixels
from tools.plates import Image

SIDE = 700
"""Longest side, in pixels, at which a panel is looked at."""
LEAST_SIDE = 60
"""Least width and height of a panel that is looked at, in pixels."""
LENGTHS = 0.025, 0.3
"""Least and most length of a streak, as a share of the panel's height."""
LEAST_LINES, LEAST_SHARE, LEAST_SPREAD, MOST_TONE = 200, 0.6, 0.9, 0.45
"""Streaks, their share of the length of all lines, the share of 36 fields of the panel with one, and the mean tone.

Of 425 panels on 84 pages of three titles, which have no rain, none reaches them: hatching stands upright (shares up to
.78, fields up to 1), on light panels or in few fields. The rain of the sample chapter has 361, .70, 1 and .24.
"""
LEAN = 3.0, 30.0
"""Least and most angle between streaks and the vertical, in degrees: walls, windows and hatching stand upright."""
NEAR = 8.0
"""Degrees by which the directions of streaks differ."""


def shows_rain(page: Image, box: Box) -> bool:
    """Return whether rain is drawn in a panel; False where the evidence is not strong.

    Line segments are found with LSD (von Gioi et al., 2010).

    Args:
        page: (h, w, 3) RGB uint8.
        box: The panel in page pixels.
    """
    inside = whole_pixels(intersect_box(box, Box(0, 0, page.shape[1], page.shape[0])))
    x0, y0, x1, y1 = (int(side) for side in inside)
    if min(x1 - x0, y1 - y0) < LEAST_SIDE:
        return False
    grey = to_grey(np.ascontiguousarray(page[y0:y1, x0:x1]))
    if grey.mean() / 255 > MOST_TONE:
        return False
    scale = min(1.0, SIDE / max(grey.shape))
    small = cv2.resize(grey, None, fx=scale, fy=scale, interpolation=cv2.INTER_AREA)
    height, width = small.shape
    found = cv2.createLineSegmentDetector().detect(small)[0]
    if found is None:
        return False
    lines = np.asarray(found, np.float64).reshape(-1, 4)
    way = lines[:, 2:] - lines[:, :2]
    lengths = np.hypot(way[:, 0], way[:, 1])
    fits = (lengths > LENGTHS[0] * height) & (lengths < LENGTHS[1] * height)
    if fits.sum() < LEAST_LINES:
        return False
    lines, way, lengths = lines[fits], way[fits], lengths[fits]
    lean = (np.degrees(np.arctan2(way[:, 1], way[:, 0])) % 180.0) - 90.0
    weights, _ = np.histogram(lean, bins=90, range=(-90, 90), weights=lengths)
    around = np.asarray(sum(np.roll(weights, shift) for shift in range(-3, 4)))
    main = 2.0 * int(around.argmax()) - 89.0
    apart = np.abs(lean - main)
    alike = np.minimum(apart, 180.0 - apart) < NEAR
    centers = (lines[alike, :2] + lines[alike, 2:]) / 2
    fields = {(int(6 * x / width), int(6 * y / height)) for x, y in centers}
    return bool(
        LEAN[0] <= abs(float(np.median(lean[alike]))) <= LEAN[1]
        and alike.sum() >= LEAST_LINES
        and lengths[alike].sum() >= LEAST_SHARE * lengths.sum()
        and len(fields) >= LEAST_SPREAD * 36
    )
