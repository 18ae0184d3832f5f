"""Tests of tools/layers, and a page with a figure, a ground and a balloon for them."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Box, Polygon
from tools.geometry import box_polygon
from tools.plates import Image, Mask

WIDTH, HEIGHT = 640, 480
PAGE, PANEL = Box(0, 0, WIDTH, HEIGHT), Box(24, 24, 616, 456)
"""The page, and the inside of its one panel, whose frame line is 4 pixels wide."""
SEED, BALLOON = Box(210, 150, 430, 430), Box(440, 50, 590, 150)
"""A box around the figure, and the box of the balloon."""
FIGURE = ((320, 235), (66, 66)), ((320, 345), (84, 70))
"""The head and the body: centre and radii."""


def draw_ground(tone: int = 210) -> Image:
    """Draw a ground that goes on behind everything: tone, slanted lines and rings."""
    pixels = np.full((HEIGHT, WIDTH), tone, np.uint8)
    for x in range(-HEIGHT, WIDTH, 46):
        cv2.line(pixels, (x, HEIGHT), (x + HEIGHT, 0), 60, 2, cv2.LINE_AA)
    luck = np.random.default_rng(3)
    for _ in range(14):
        x, y = int(luck.integers(30, WIDTH - 30)), int(luck.integers(30, HEIGHT - 30))
        radius = int(luck.integers(8, 26))
        if not (190 < x < 450 and y > 120):  # none that touches the figure: it would be taken for a part of it
            cv2.circle(pixels, (x, y), radius, 90, 3, cv2.LINE_AA)
    return np.dstack([pixels] * 3)


def draw_figure() -> tuple[Image, Mask]:
    """Draw a figure with a closed outline alone on white, and the mask of what it covers, 0..255."""
    pixels, mask = np.full((HEIGHT, WIDTH), 255, np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    for centre, radii in reversed(FIGURE):
        cv2.ellipse(mask, centre, radii, 0, 0, 360, 255, -1, cv2.LINE_AA)
        cv2.ellipse(mask, centre, radii, 0, 0, 360, 255, 4, cv2.LINE_AA)
        cv2.ellipse(pixels, centre, radii, 0, 0, 360, 250, -1, cv2.LINE_AA)
        cv2.ellipse(pixels, centre, radii, 0, 0, 360, 0, 4, cv2.LINE_AA)
    for x in (296, 344):
        cv2.circle(pixels, (x, 230), 7, 0, -1, cv2.LINE_AA)
    cv2.line(pixels, (300, 330), (350, 360), 0, 3, cv2.LINE_AA)
    return np.dstack([pixels] * 3), mask


def draw_held() -> tuple[Image, Mask]:
    """Draw the frame line and the balloon with its letters, and the mask of what they cover, 0..255."""
    pixels, mask = np.full((HEIGHT, WIDTH), 255, np.uint8), np.zeros((HEIGHT, WIDTH), np.uint8)
    mask[:24], mask[456:], mask[:, :24], mask[:, 616:] = 255, 255, 255, 255
    cv2.rectangle(pixels, (20, 20), (619, 459), 0, 4)
    centre, radii = (515, 100), (75, 50)
    cv2.ellipse(mask, centre, radii, 0, 0, 360, 255, -1, cv2.LINE_AA)
    cv2.ellipse(mask, centre, radii, 0, 0, 360, 255, 3, cv2.LINE_AA)
    cv2.ellipse(pixels, centre, radii, 0, 0, 360, 0, 3, cv2.LINE_AA)
    for x in range(470, 565, 14):
        pixels[86:112, x : x + 6] = 0
    return np.dstack([pixels] * 3), mask


def over(below: Image, above: Image, mask: Mask) -> Image:
    """Return a picture laid over another one."""
    share = mask[..., np.newaxis].astype(np.float32) / 255
    return np.rint(above * share + below * (1 - share)).astype(np.uint8)


def draw_page(ground: Image | None = None) -> Image:
    """Draw the page."""
    figure, covered = draw_figure()
    held, held_mask = draw_held()
    return over(over(draw_ground() if ground is None else ground, figure, covered), held, held_mask)


def panel_outline() -> Polygon:
    return box_polygon(PANEL)


def balloon_outline() -> Polygon:
    """Return the inside of the balloon, as the reader finds it."""
    angles = np.linspace(0, 2 * np.pi, 40, endpoint=False)
    return tuple((515 + 72 * float(np.cos(a)), 100 + 47 * float(np.sin(a))) for a in angles)
