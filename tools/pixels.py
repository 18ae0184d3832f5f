"""Pixel operations that several tools share: crops, masks, blending and resampling."""

from __future__ import annotations

import math
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import ArrayLike, NDArray

from storage.domain import Box, Polygon
from tools.cutouts.enlargement import enlarge
from tools.plates import Image, Mask

_FINE = 4
"""Masks are drawn this many times finer than they come out."""


def as_image(array: ArrayLike) -> Image:
    """Any array of tones 0..255 as uint8, rounded and clipped where it is not uint8 yet."""
    values = np.asarray(array)
    return values if values.dtype == np.uint8 else np.clip(np.rint(values), 0, 255).astype(np.uint8)


def is_grey(image: Image) -> bool:
    """Whether a (h, w, 3) picture is grey: its three channels stay within 6 of each other nearly everywhere."""
    small = image[::3, ::3].astype(np.int16)
    spread = np.abs(small[..., 0] - small[..., 1]) + np.abs(small[..., 1] - small[..., 2])
    return bool((spread > 6).mean() < 0.001)


def to_grey(image: Image) -> Mask:
    """The (h, w) tone of an RGB picture, 0..255."""
    return image if image.ndim == 2 else as_image(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def blend(below: Image, above: Image, share: float) -> Image:
    """`above` laid over `below` with `share` (0..1)."""
    return as_image(cv2.addWeighted(below, 1.0 - share, above, share, 0.0))


def whole_pixels(box: Box | tuple[float, float, float, float]) -> Box:
    """The smallest box of whole pixels around `box`."""
    x0, y0, x1, y1 = box
    return Box(math.floor(x0 + 1e-6), math.floor(y0 + 1e-6), math.ceil(x1 - 1e-6), math.ceil(y1 - 1e-6))


def intersect_box(box: Box, bounds: Box) -> Box:
    """The part of `box` inside `bounds`; where they do not meet, a box without area."""
    x0, y0 = min(max(box.x0, bounds.x0), bounds.x1), min(max(box.y0, bounds.y0), bounds.y1)
    return Box(x0, y0, max(x0, min(box.x1, bounds.x1)), max(y0, min(box.y1, bounds.y1)))


def polygon_of(box: Box) -> Polygon:
    """The four corners of a box, clockwise from the top left."""
    return ((box.x0, box.y0), (box.x1, box.y0), (box.x1, box.y1), (box.x0, box.y1))


def polygon_mask(polygon: Polygon, frame: Box) -> Mask:
    """A smooth-edged mask of `polygon` (page coordinates) over `frame` (whole pixels): (h, w), 255 inside."""
    width, height = int(frame.width), int(frame.height)
    fine = np.zeros((height * _FINE, width * _FINE), np.uint8)
    points = (np.array(polygon, np.float64) - (frame.x0, frame.y0)) * _FINE - 0.5
    cv2.fillPoly(fine, [np.round(points * 16).astype(np.int32)], 255, shift=4)
    return as_image(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA))


def resize(image: Image, size: tuple[int, int]) -> Image:
    """`image` at `size` (w, h): averaged where it shrinks (screentone does not beat), crisp where it grows."""
    height, width = image.shape[:2]
    if size == (width, height):
        return image
    if size[0] >= width and size[1] >= height:
        return enlarge(image, size)
    # a mean over boxes would leave screentone beating against the new pixels
    across, down = (0.42 * math.sqrt(max(0.01, (a / b) ** 2 - 1)) for a, b in ((width, size[0]), (height, size[1])))
    soft = cv2.GaussianBlur(image, (0, 0), sigmaX=across, sigmaY=down)
    return as_image(cv2.resize(soft, size, interpolation=cv2.INTER_LINEAR))


@dataclass(frozen=True)
class ScaledPicture:
    """A picture prepared for one magnification: its pixel (0, 0) starts at (x0, y0) of the page plane."""

    pixels: Image
    x0: float
    y0: float
    sx: float
    sy: float

    def sample(self, box: Box, size: tuple[int, int]) -> Image:
        """What a camera on `box` sees, (h, w[, 3]) at `size` (w, h), sampled between the pixels."""
        a, b = box.width / size[0] * self.sx, box.height / size[1] * self.sy
        move: NDArray[np.float64] = np.array(
            [
                [a, 0.0, (box.x0 - self.x0) * self.sx + 0.5 * a - 0.5],
                [0.0, b, (box.y0 - self.y0) * self.sy + 0.5 * b - 0.5],
            ]
        )
        flags = cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP
        return as_image(cv2.warpAffine(self.pixels, move, size, flags=flags, borderMode=cv2.BORDER_REPLICATE))


def prepare_scale(image: Image, box: Box, region: Box, scale: float) -> ScaledPicture:
    """Prepare the part `region` of `image` (which shows `box`) at `scale` pixels a page pixel."""
    height, width = image.shape[:2]
    px, py = width / box.width, height / box.height
    x0, x1 = _span((region.x0 - box.x0) * px, (region.x1 - box.x0) * px, width)
    y0, y1 = _span((region.y0 - box.y0) * py, (region.y1 - box.y0) * py, height)
    part = image[y0:y1, x0:x1]
    size = max(1, round((x1 - x0) / px * scale)), max(1, round((y1 - y0) / py * scale))
    pixels = resize(part, size)
    return ScaledPicture(
        pixels, box.x0 + x0 / px, box.y0 + y0 / py, size[0] / ((x1 - x0) / px), size[1] / ((y1 - y0) / py)
    )


def _span(start: float, stop: float, length: int, margin: int = 4) -> tuple[int, int]:
    """Whole pixels around start..stop and a margin, within 0..length, never empty."""
    a = min(max(0, math.floor(start) - margin), length - 1)
    return a, max(a + 1, min(length, math.ceil(stop) + margin))
