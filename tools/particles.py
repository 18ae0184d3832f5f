"""Draw particles such as drops and flakes over a film frame, only where a region may be drawn on."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box
from tools.motion import BoundEffect, EffectScene
from tools.motion_regions import EffectRegion, pixel_span
from tools.pixels import to_grey
from tools.plates import Image, Mask

SHIFT = 4
"""Binary digits behind the point of coordinates for OpenCV."""
Coat = tuple[Mask, tuple[int, int, int]]
"""How much of a colour covers each pixel, (h, w) uint8, and the RGB colour."""
INK, PAPER = (24, 24, 28), (255, 255, 255)
"""Colours of particles on light and on dark pictures, RGB."""


class FilmPlane:
    """The part of a frame over a region, in whose film pixels particles are drawn."""

    def __init__(self, region: EffectRegion, view: Box, size: tuple[int, int], span: tuple[int, int, int, int]) -> None:
        self.region = region
        self.view = view
        self.size = size
        self.span = span
        self.scale = size[0] / view.width
        """Film pixels per page pixel."""

    def line_width(self, width: float) -> int:
        """Return whole film pixels for a line that is so many wide in a film of 1920 x 1080, at least 1."""
        return max(1, round(width * min(self.size) / 1080))

    @property
    def blank(self) -> Mask:
        """Return an empty mask of the part, (h, w) uint8."""
        x0, y0, x1, y1 = self.span
        return np.zeros((y1 - y0, x1 - x0), np.uint8)

    def points(self, page: NDArray[np.floating]) -> NDArray[np.int32]:
        """Return places of the page, (..., 2), as fixed-point coordinates in the part."""
        x0, y0, _, _ = self.span
        film = (np.asarray(page, np.float64) - (self.view.x0, self.view.y0)) * self.scale - (x0 + 0.5, y0 + 0.5)
        return np.round(np.clip(film, -1e5, 1e5) * (1 << SHIFT)).astype(np.int32)


def draw_over(
    picture: Image,
    region: EffectRegion,
    view: Box,
    draw: Callable[[FilmPlane], list[Coat]],
) -> Image:
    """Return a picture with particles over it.

    Args:
        picture: What the camera shows, (h, w, 3) RGB or (h, w) uint8; it is not changed. A picture of tones is drawn
            on with the tones of the colours.
        region: Where may be drawn.
        view: The camera's box in page pixels.
        draw: Returns what is drawn, the lowest coat first.
    """
    size = picture.shape[1], picture.shape[0]
    span = pixel_span(region.box, view, size)
    if span is None:
        return picture
    coats = draw(FilmPlane(region, view, size, span))
    allowed = region.drawable_over(view, size, span)
    drawn = picture.copy()
    part = drawn[span[1] : span[3], span[0] : span[2]]
    for mask, colour in coats:
        found = cv2.findNonZero(cv2.bitwise_and(mask, mask, mask=allowed))
        if found is None:
            continue
        xs, ys = found.reshape(-1, 2).T
        share = mask[ys, xs].astype(np.uint32) * allowed[ys, xs]
        below = part[ys, xs].astype(np.uint32)
        # whole numbers, so that every machine rounds alike
        paint = np.array(colour, np.uint8).reshape(1, 1, 3)
        if part.ndim == 2:
            paint = to_grey(paint)
        else:
            share = share[:, np.newaxis]
        mixed = (below * (65025 - share) + paint[0].astype(np.uint32) * share + 32512) // 65025
        part[ys, xs] = mixed.astype(np.uint8)
    return drawn


class LoopingParticles(BoundEffect):
    """Draws particles in a loop: `paint` draws one drawing of it."""

    def __init__(self, scene: EffectScene, length: int) -> None:
        self.scene = scene
        self.length = length
        """Drawings of the loop."""

    @property
    def keeps_grey(self) -> bool:
        """Return True: grey pictures are drawn on with tones."""
        return True

    def phase(self, frame: int) -> int:
        """Return the number of the drawing in the loop."""
        return self.scene.clock.drawing(frame) % self.length

    def draw(self, picture: Image, box: Box, frame: int) -> Image:
        """Return the picture with the drawing over it that the frame shows."""
        phase = self.phase(frame)
        return draw_over(picture, self.scene.region, box, lambda plane: self.paint(plane, phase))

    @abstractmethod
    def paint(self, plane: FilmPlane, phase: int) -> list[Coat]:
        """Return what drawing `phase` of the loop covers, the lowest coat first."""
