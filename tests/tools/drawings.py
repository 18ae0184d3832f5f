"""Small drawn pages for pixel tests: frames of any thickness, line art, screentone, an overlapping balloon."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Balloon, Box, Panel
from tools.geometry import box_polygon
from tools.plates import Image

LEFT, RIGHT = Box(40, 40, 280, 360), Box(320, 40, 560, 360)
"""The outer edges of the frame lines of the two panels."""


def page(line: int = 5, gutter: int = 255) -> Image:
    """Draw a page of 600 x 400: two framed panels side by side, with grey art that touches the frames."""
    pixels = np.full((400, 600), gutter, np.uint8)
    for box, tone in ((LEFT, 200), (RIGHT, 170)):
        x0, y0, x1, y1 = (int(v) for v in box)
        pixels[y0:y1, x0:x1] = 0
        pixels[y0 + line : y1 - line, x0 + line : x1 - line] = tone
    luck = np.random.default_rng(1)
    for x0 in (70, 350):
        for _ in range(30):
            x, y = int(luck.integers(x0, x0 + 180)), int(luck.integers(70, 330))
            cv2.circle(pixels, (x, y), int(luck.integers(3, 12)), int(luck.integers(0, 255)), 2, cv2.LINE_AA)
    return np.dstack([pixels] * 3)


def panel(box: Box, off: float = 0.0, id: str = "p0-1") -> Panel:
    """Return a panel whose polygon lies `off` pixels outside `box` (inside, if negative)."""
    loose = Box(box.x0 - off, box.y0 - off, box.x1 + off, box.y1 + off)
    return Panel(id=id, order=0, box=loose, polygon=box_polygon(loose))


def balloon(center: tuple[int, int], axes: tuple[int, int], pixels: Image) -> Balloon:
    """Draw a white balloon with a black line and a word on `pixels`, and return it."""
    cv2.ellipse(pixels, center, axes, 0, 0, 360, (255, 255, 255), -1, cv2.LINE_AA)
    cv2.ellipse(pixels, center, axes, 0, 0, 360, (0, 0, 0), 2, cv2.LINE_AA)
    cv2.putText(pixels, "NO", (center[0] - 18, center[1] + 8), cv2.FONT_HERSHEY_DUPLEX, 0.8, (0, 0, 0), 2)
    points = cv2.ellipse2Poly(center, (axes[0] - 2, axes[1] - 2), 0, 0, 360, 6)
    box = Box(center[0] - 20, center[1] - 14, center[0] + 20, center[1] + 12)
    return Balloon(id="t0-1", order=0, box=box, text="NO", outline=tuple((float(x), float(y)) for x, y in points))


def lines(width: int, height: int, seed: int = 0) -> Image:
    """Draw line art on white, with detail everywhere."""
    luck = np.random.default_rng(seed)
    pixels = np.full((height, width, 3), 255, np.uint8)
    for _ in range(width * height // 1200):
        x, y = int(luck.integers(0, width)), int(luck.integers(0, height))
        dx, dy = luck.integers(-40, 40, 2)
        cv2.line(pixels, (x, y), (x + int(dx), y + int(dy)), (0, 0, 0), int(luck.integers(1, 4)), cv2.LINE_AA)
    return pixels
