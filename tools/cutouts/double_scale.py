"""Bring a plate to two pixels for each pixel of the page, with the artist's pixels out of an upscaled page.

An upscaler draws detail that the page has not. What it draws stays the artist's picture as long as it says nothing else
than the page: halved again, it has to give the page within `BOUND`. Where it strays further, it is moved back.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.cutouts.enlargement import enlarge
from tools.pixels import as_image
from tools.plates import Image, Mask, Plate

VERSION = 1
"""Raised when another plate is made of the same plate and page: part of the content keys of upscaled plates."""
BOUND = 12
"""How far (0..255) the halved picture may be from the page.

So far the page itself is from what the artist drew: JPEG at quality 85 keeps 99.9 % of the pixels of 21
scanned pages within 12 tones. Of those that waifu2x draws, 99.3 % are within it, and 99.8 % without its denoising.
"""
_ROUNDS = 8
_Field = NDArray[np.float32]


def halve(double: Image) -> _Field:
    """Return the mean of each 2 x 2 pixels, (h, w, 3) float32, of a picture of (2h, 2w, 3)."""
    height, width = double.shape[0] // 2, double.shape[1] // 2
    blocks = double[: 2 * height, : 2 * width].reshape(height, 2, width, 2, -1)
    return np.asarray(blocks.mean(axis=(1, 3), dtype=np.float32), np.float32)


def restored_mask(double: Image, page: Image) -> Mask:
    """Return a mask of the pixels of a page that an upscaled picture gives back when it is halved.

    Args:
        double: (2h, 2w, 3) RGB uint8.
        page: (h, w, 3) RGB uint8.

    Returns:
        (h, w) uint8: 255 where the halved picture is within BOUND of the page in every channel.
    """
    return np.where((np.abs(halve(double) - page) <= BOUND).all(axis=2), 255, 0).astype(np.uint8)


def keep_page_tones(double: Image, page: Image) -> Image:
    """Move an upscaled picture back to its page wherever it strays from it by more than BOUND, by no more than needed.

    Args:
        double: (2h, 2w, 3) RGB uint8.
        page: (h, w, 3) RGB uint8.

    Returns:
        (2h, 2w, 3) RGB uint8, which `restored_mask` finds restored everywhere.
    """
    kept = double.copy()
    rows, columns = np.nonzero(restored_mask(double, page) == 0)
    if not rows.size:
        return kept
    ys, xs = 2 * rows[:, None] + (0, 0, 1, 1), 2 * columns[:, None] + (0, 1, 0, 1)
    wanted = page[rows, columns].astype(np.float32)[:, None]
    blocks = double[ys, xs].astype(np.float32)
    for _ in range(_ROUNDS):  # a pixel that is black or white already leaves its part to the others
        missing = wanted - blocks.mean(axis=1, keepdims=True)
        beyond = np.sign(missing) * np.maximum(0.0, np.abs(missing) - (BOUND - 1))
        blocks = np.clip(blocks + beyond, 0, 255)
    rounded = np.rint(blocks)
    strays = np.abs(wanted - rounded.mean(axis=1, keepdims=True)) > BOUND
    kept[ys, xs] = np.where(strays, wanted, rounded).astype(np.uint8)
    return kept


def double_plate(plate: Plate, page: Image, double: Image) -> Plate:
    """Return a plate at two pixels for each pixel of the page.

    Args:
        plate: The plate, with one pixel for each pixel of the page; another one is returned as it is.
        page: Its page, (h, w, 3) RGB uint8.
        double: The upscaled page, (2h, 2w, 3) RGB uint8.

    Returns:
        The plate over the same box. The artist's pixels are those of `double`, and are `original` where they give the
        page back; the rest is enlarged without a model.
    """
    height, width = plate.pixels.shape[:2]
    x0, y0 = round(plate.box.x0), round(plate.box.y0)
    if plate.box != (x0, y0, x0 + width, y0 + height):
        return plate
    top, left = max(0, -y0), max(0, -x0)
    bottom, right = min(height, page.shape[0] - y0), min(width, page.shape[1] - x0)
    own: Mask = np.zeros((height, width), np.uint8)
    pixels = np.zeros((2 * height, 2 * width, 3), np.uint8)
    if bottom > top and right > left:
        seen = slice(top, bottom), slice(left, right)
        is_own = (plate.original[seen] > 127) & (plate.pixels[seen] == _part(page, x0, y0, seen)).all(axis=2)
        own[seen] = is_own * 255
        pixels[2 * top : 2 * bottom, 2 * left : 2 * right] = double[
            2 * (y0 + top) : 2 * (y0 + bottom), 2 * (x0 + left) : 2 * (x0 + right)
        ]
    if not own.all():
        rest = enlarge(plate.pixels, (2 * width, 2 * height))
        pixels = np.where(_double_mask(own)[..., None] > 0, pixels, rest)
    return Plate(pixels, plate.box, _double_mask(np.minimum(own, restored_mask(pixels, plate.pixels))))


def _part(page: Image, x0: int, y0: int, seen: tuple[slice, slice]) -> Image:
    """Return the part of a page that a plate at (x0, y0) shows in its rows and columns `seen`."""
    rows, columns = seen
    return page[y0 + rows.start : y0 + rows.stop, x0 + columns.start : x0 + columns.stop]


def _double_mask(mask: Mask) -> Mask:
    return as_image(cv2.resize(mask, (2 * mask.shape[1], 2 * mask.shape[0]), interpolation=cv2.INTER_NEAREST))
