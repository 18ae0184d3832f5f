"""Where an effect may move or draw: inside its panel and its box, beside balloons, lettering and frame lines."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import cast

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, grow
from tools.pixels import as_image, intersect_box
from tools.plates import Image, Mask

Floats = NDArray[np.float32]
CELLS = 320
"""Cells of a displacement field across the camera's tightest view: displacements are smooth."""
MASK_PIXELS = 960
"""Pixels of the masks for drawing across the camera's tightest view."""
MAX_PIXELS = 4e6
"""Most pixels of a mask, so that a long pan fits into memory."""
STILL_BAND = 0.006
"""Width of the band along frame lines and balloons that is never displaced, as a share of the view's width."""
FEATHER = 0.05
"""Width over which displacements grow from that band on, as a share of the view's width."""


@dataclass(frozen=True)
class PlaneField:
    """A displacement for each place of a part of the page."""

    offsets: Floats
    """(h, w, 2) float32: how far to the right and below each place is taken from, in page pixels."""
    box: Box
    """The part of the page, in page pixels."""

    def weakened(self, share: float) -> PlaneField:
        """Return the field with a share (0..1) of its offsets."""
        return self if share >= 1.0 else PlaneField(self.offsets * np.float32(share), self.box)

    @cached_property
    def touched(self) -> Mask:
        """Return the cells that are displaced at all, (h, w) uint8, 255 or 0."""
        return np.where((np.abs(self.offsets) > 1e-4).any(axis=2), 255, 0).astype(np.uint8)

    def offsets_in(self, view: Box, size: tuple[int, int]) -> Floats:
        """Return the offsets as a camera on `view` (page pixels) sees them at `size` (w, h), (h, w, 2) float32."""
        return _sample(self.offsets, self.box, view, size)

    def touched_in(self, view: Box, size: tuple[int, int]) -> Mask:
        """Return what is displaced as a camera on `view` (page pixels) sees it at `size` (w, h): not 0, (h, w)."""
        return as_image(_sample(self.touched, self.box, view, size))


@dataclass(frozen=True)
class EffectRegion:
    """A part of a panel where an effect may displace and draw."""

    box: Box
    """The place of the effect: its box, or the box of the panel, in page pixels."""
    drawable: Mask
    """(h, w) uint8 over `box`: 255 where may be drawn, which is the panel beside its balloons."""
    weights: Floats
    """(h, w) float32 over `box`, coarse: how far may be displaced, 0..1. It is 0 on balloons, lettering, frame lines
    and in a band around them, and falls smoothly to them."""
    has_own_box: bool
    """Whether somebody named the place, which is not all of the panel."""

    @cached_property
    def grid(self) -> tuple[Floats, Floats]:
        """Return the places of the cells of `weights` as shares of the box, each (h, w) float32 from 0 to 1."""
        height, width = self.weights.shape
        u, v = np.meshgrid((np.arange(width) + 0.5) / width, (np.arange(height) + 0.5) / height)
        return u.astype(np.float32), v.astype(np.float32)

    @cached_property
    def falloff(self) -> Floats:
        """Return a smooth weight that falls to 0 at the sides of the box, where it is not the panel itself."""
        if not self.has_own_box:
            return np.ones(self.weights.shape, np.float32)
        u, v = self.grid
        return smooth_step(np.minimum(u, 1 - u) / 0.3) * smooth_step(np.minimum(v, 1 - v) / 0.3)

    def field(self, right: Floats, down: Floats) -> PlaneField:
        """Return a field of offsets in page pixels, each (h, w) like `weights`, held back where nothing may move."""
        return PlaneField(np.dstack([right * self.weights, down * self.weights]).astype(np.float32), self.box)

    def drawable_over(self, view: Box, size: tuple[int, int], span: tuple[int, int, int, int]) -> Mask:
        """Return where may be drawn in a part x0, y0, x1, y1 of a frame, (h, w) uint8."""
        x0, y0, x1, y1 = span
        return as_image(_sample(self.drawable, self.box, part_of(view, size, span), (x1 - x0, y1 - y0)))

    def falloff_over(self, view: Box, size: tuple[int, int], span: tuple[int, int, int, int]) -> Floats:
        """Return the falloff in a part x0, y0, x1, y1 of a frame, (h, w) float32."""
        x0, y0, x1, y1 = span
        return _sample(self.falloff, self.box, part_of(view, size, span), (x1 - x0, y1 - y0))


def draw_region(
    box: Box | None,
    panel: Polygon,
    held: Sequence[Polygon],
    kept_clear: Sequence[Polygon],
    view: Box,
    plate: Box | None = None,
) -> EffectRegion | None:
    """Return the region of an effect in a panel.

    Args:
        box: Its place in page pixels; None is the whole panel.
        panel: The corners inside the panel's frame line, in page pixels.
        held: The outlines of balloons and lettering, which are never displaced.
        kept_clear: Those of them that nothing is drawn on; sound effects are part of the drawing.
        view: The tightest box of the camera, in page pixels.
        plate: The part of the page that there is, in page pixels: nothing can be taken from beyond it, so that its edge
            is as still as a frame line. None where it has no end.

    Returns:
        The region; None where the box and the panel do not meet.
    """
    bounds = bounding_box(panel)
    place = intersect_box(box, bounds) if box else bounds
    if place.width < 2 or place.height < 2:
        return None
    fine = min(MASK_PIXELS / view.width, math.sqrt(MAX_PIXELS / place.area))
    coarse = min(CELLS / view.width, math.sqrt(MAX_PIXELS / 16 / place.area))
    band = max(STILL_BAND * view.width, 2.5 / coarse)
    wide = grow(place, 2 * band, 2 * band)  # a frame line may lie just beyond the box
    free = np.where(_free_mask(panel, held, wide, coarse) == 255, 255, 0).astype(np.uint8)
    if plate is not None:
        free = np.where(_box_mask(plate, wide, coarse), free, 0).astype(np.uint8)
    distance = cv2.distanceTransform(free, cv2.DIST_L2, cv2.DIST_MASK_PRECISE) / coarse
    weights = smooth_step(np.asarray((distance - band) / (FEATHER * view.width), np.float32))
    shape = _shape_of(place, coarse)
    within = _sample(weights, wide, place, (shape[1], shape[0]))
    return EffectRegion(place, _free_mask(panel, kept_clear, place, fine), within, box is not None and place != bounds)


def smooth_step(share: NDArray[np.floating]) -> Floats:
    """Return values that rise from 0 at 0 to 1 at 1 without a corner at either end."""
    u = np.clip(share, 0.0, 1.0)
    return np.asarray(u * u * (3.0 - 2.0 * u), np.float32)


def pixel_span(part: Box, view: Box, size: tuple[int, int]) -> tuple[int, int, int, int] | None:
    """Return the film pixels x0, y0, x1, y1 that show a part of the page; None where it is not in view."""
    sx, sy = size[0] / view.width, size[1] / view.height
    x0, y0 = max(0, math.floor((part.x0 - view.x0) * sx)), max(0, math.floor((part.y0 - view.y0) * sy))
    x1, y1 = min(size[0], math.ceil((part.x1 - view.x0) * sx)), min(size[1], math.ceil((part.y1 - view.y0) * sy))
    return (x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def part_of(view: Box, size: tuple[int, int], span: tuple[int, int, int, int]) -> Box:
    """Return the part of the page that some film pixels show."""
    sx, sy = view.width / size[0], view.height / size[1]
    x0, y0, x1, y1 = span
    return Box(view.x0 + x0 * sx, view.y0 + y0 * sy, view.x0 + x1 * sx, view.y0 + y1 * sy)


def _sample(pixels: NDArray[np.float32] | Mask, box: Box, view: Box, size: tuple[int, int]) -> Floats:
    """Return a picture over `box` as a camera on `view` shows it; beyond the box it is 0."""
    height, width = pixels.shape[:2]
    sx, sy = width / box.width, height / box.height
    a, b = view.width / size[0] * sx, view.height / size[1] * sy
    move = np.array(
        [[a, 0.0, (view.x0 - box.x0) * sx + 0.5 * a - 0.5], [0.0, b, (view.y0 - box.y0) * sy + 0.5 * b - 0.5]]
    )
    flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
    return cast(Floats, cv2.warpAffine(pixels, move, size, flags=flags, borderMode=cv2.BORDER_CONSTANT))


def _shape_of(box: Box, scale: float) -> tuple[int, int]:
    return max(2, round(box.height * scale)), max(2, round(box.width * scale))


def _box_mask(box: Box, frame: Box, scale: float) -> NDArray[np.bool_]:
    """Return which cells of `frame` lie inside a box as a whole, (h, w)."""
    height, width = _shape_of(frame, scale)
    x, y = (np.arange(count) * (side / count) for count, side in ((width, frame.width), (height, frame.height)))
    across = (frame.x0 + x >= box.x0) & (frame.x0 + x + frame.width / width <= box.x1)
    down = (frame.y0 + y >= box.y0) & (frame.y0 + y + frame.height / height <= box.y1)
    return np.asarray(down[:, np.newaxis] & across)


def _free_mask(panel: Polygon, taken: Sequence[Polygon], box: Box, scale: float) -> Image:
    """Draw the panel without what is taken, (h, w) uint8 over `box`."""
    height, width = _shape_of(box, scale)
    mask = np.zeros((height, width), np.uint8)
    sx, sy = width / box.width, height / box.height

    def fill(polygon: Polygon, tone: int) -> None:
        points = (np.array(polygon, np.float64) - (box.x0, box.y0)) * (sx, sy) - 0.5
        cv2.fillPoly(mask, [np.round(points * 16).astype(np.int32)], (tone,), cv2.LINE_AA, 4)

    fill(panel, 255)
    for polygon in taken:
        fill(polygon, 0)
        edge = np.round(((np.array(polygon) - (box.x0, box.y0)) * (sx, sy) - 0.5) * 16).astype(np.int32)
        cv2.polylines(mask, [edge], True, (0,), 2, cv2.LINE_AA, 4)
    return mask
