"""Show a panel on its own page: what has been read stays as it is, what comes later is dimmed until it is read."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, grow
from tools.pixels import as_image, intersect_box, polygon_mask, whole_pixels
from tools.plates import Cutout, Image, Mask

BLUR = 0.009
"""Blur of what comes later, as a share of the page's width: its lettering cannot be read."""
FRAME_LINE = 0.004
"""Width of a frame line around a dimmed panel, as a share of the page's width: it is dimmed with its panel."""


def cut_page(page: Image, field: Box, *, lit: Sequence[Polygon], unlit: Sequence[Polygon], dim: float = 0.25) -> Cutout:
    """Cut the part of a page that a camera sees, and dim what has not been read yet.

    Args:
        page: (h, w, 3) RGB uint8.
        field: All that the camera sees, in page pixels; it may reach beyond the page.
        lit: Panels and balloons that are shown or were read before, in page pixels.
        unlit: Panels and balloons that come later; where they overlap with `lit`, they are shown.
        dim: The brightness of what comes later, 0..1.

    Returns:
        The part of `field` on the page, (h, w, 4) RGBA uint8, all of it opaque; dimmed pixels count as redrawn.
    """
    height, width = page.shape[:2]
    box = intersect_box(whole_pixels(field), Box(0, 0, width, height))
    if box.area <= 0:  # the camera looks past the page
        box = Box(0, 0, 1, 1)
    part = page[int(box.y0) : int(box.y1), int(box.x0) : int(box.x1), :3]
    shade = _shade_mask(box, lit, unlit, width)
    alpha: Mask = np.full(part.shape[:2], 255, np.uint8)
    if not shade.any():
        return Cutout(np.dstack([part, alpha]), box)
    dark = cv2.GaussianBlur(part, (0, 0), max(1.0, BLUR * width)).astype(np.float32) * dim
    share = shade[..., None].astype(np.float32) / 255
    pixels = np.where(shade[..., None] > 0, as_image(part * (1 - share) + dark * share), part)
    return Cutout(np.dstack([pixels, alpha]), box, np.where(shade > 0, 255, 0).astype(np.uint8))


def _shade_mask(box: Box, lit: Sequence[Polygon], unlit: Sequence[Polygon], page_width: int) -> Mask:
    """Return how strongly each pixel is dimmed, (h, w) uint8: 255 in what comes later, with its frame line."""
    later = _union_mask(unlit, box)
    if not later.any():
        return later
    size = 2 * max(1, round(FRAME_LINE * page_width)) + 1
    later = as_image(cv2.dilate(later, np.ones((size, size), np.uint8)))
    return np.minimum(later, 255 - _union_mask(lit, box))


def _union_mask(polygons: Sequence[Polygon], box: Box) -> Mask:
    """Return a mask of all polygons, (h, w) uint8."""
    mask: Mask = np.zeros((round(box.height), round(box.width)), np.uint8)
    for polygon in polygons:  # each is drawn only where it is: a page has many, and a mask of all of it is large
        part = intersect_box(whole_pixels(grow(bounding_box(polygon), 1, 1)), box)
        if part.area > 0:
            rows = slice(int(part.y0 - box.y0), int(part.y1 - box.y0))
            columns = slice(int(part.x0 - box.x0), int(part.x1 - box.x0))
            mask[rows, columns] = np.maximum(mask[rows, columns], polygon_mask(polygon, part))
    return mask
