"""Cover the letters of a balloon with its own paper, so that they can come up when they are read."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.cutouts.cutting import paper_tone
from tools.geometry import bounding_box
from tools.pixels import as_image, intersect_box, polygon_mask, to_grey, whole_pixels
from tools.plates import Image

PAPER_SPREAD = 24
"""Largest difference of tone, 0..255, between a pixel of paper and the paper itself."""
PLAIN_SHARE = 0.95
"""Least share of paper along the inside of an outline: a picture behind it, or a line across it, shows less."""
INK_SHARES = (0.005, 0.45)
"""Least and most of a balloon that is ink: less is no lettering, more is no paper."""
GREY_SHARE = 0.12
"""Most of a balloon that is neither paper nor ink: edges of letters are, screentone is more."""
RIM, BAND = 3, 4
"""Pixels along the outline that stay as they are, and pixels inside of them that must be paper."""


def cover_letters(picture: Image, box: Box, outline: Polygon) -> tuple[Image, Box] | None:
    """Return a picture of paper that covers the letters of a balloon, and its place.

    Args:
        picture: The plate, (h, w, 3) RGB uint8.
        box: The part of the page that it shows, in page pixels.
        outline: The white shape of the balloon, in page pixels; () where none was found.

    Returns:
        (h, w, 4) RGBA uint8, opaque over the letters alone, with its box in page pixels; None where the paper under
        the letters is not plain, or the balloon has no outline or is not on the plate as a whole.
    """
    if len(outline) < 3:
        return None
    height, width = picture.shape[:2]
    scale = width / box.width
    shape = tuple(((x - box.x0) * scale, (y - box.y0) * scale) for x, y in outline)
    bounds = whole_pixels(bounding_box(shape))
    part = intersect_box(bounds, Box(0, 0, width, height))
    if part != bounds or part.area <= 0:
        return None
    pixels = picture[int(part.y0) : int(part.y1), int(part.x0) : int(part.x1)]
    inside = _shrink(polygon_mask(shape, part) > 127, RIM)
    strokes = _strokes(pixels, inside) if inside.any() else None
    if strokes is None:
        return None
    alpha = np.where(inside, cv2.GaussianBlur(cv2.dilate(strokes, np.ones((5, 5), np.uint8)), (3, 3), 0), 0)
    paper = np.broadcast_to(as_image(paper_tone(pixels[inside])), pixels.shape)
    x0, y0, x1, y1 = (side / scale for side in part)
    place = Box(box.x0 + x0, box.y0 + y0, box.x0 + x1, box.y0 + y1)
    return np.dstack([paper, as_image(alpha)]), place


def _strokes(pixels: Image, inside: NDArray[np.bool_]) -> Image | None:
    """Return a mask of the letters' strokes, (h, w) uint8; None where they do not stand on plain paper."""
    paper = to_grey(as_image(paper_tone(pixels[inside])).reshape(1, 1, 3))
    difference = np.abs(to_grey(pixels).astype(np.int16) - int(paper[0, 0]))
    marked = difference > PAPER_SPREAD
    band = inside & ~_shrink(inside, BAND)
    strong = difference > 0.5 * difference[inside].max()
    ink, grey = marked[inside].mean(), (marked & ~strong)[inside].mean()
    if marked[band].mean() > 1 - PLAIN_SHARE or not INK_SHARES[0] <= ink <= INK_SHARES[1] or grey > GREY_SHARE:
        return None
    return np.where(marked & inside, 255, 0).astype(np.uint8)


def _shrink(mask: NDArray[np.bool_], pixels: int) -> NDArray[np.bool_]:
    """Return a mask without so many pixels along its edge."""
    padded = cv2.copyMakeBorder(mask.astype(np.uint8), 1, 1, 1, 1, cv2.BORDER_CONSTANT, value=0)
    kernel = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * pixels + 1, 2 * pixels + 1))
    return np.asarray(cv2.erode(padded, kernel, borderValue=0)[1:-1, 1:-1] > 0)
