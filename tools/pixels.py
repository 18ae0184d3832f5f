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
"""Masks are drawn this many times larger and then reduced."""


def as_image(array: ArrayLike) -> Image:
    """Convert an array of tones 0..255 to uint8, rounded and clipped if it is not uint8 yet."""
    values = np.asarray(array)
    return values if values.dtype == np.uint8 else np.clip(np.rint(values), 0, 255).astype(np.uint8)


def is_grey(image: Image, where: Mask | None = None) -> bool:
    """Return whether a (h, w, 3) picture is grey: its three channels stay within 6 of each other nearly everywhere.

    Only the pixels count where the mask `where` (h, w) is not 0, if there are any.
    """
    small = image[::3, ::3].astype(np.int16)
    spread = np.abs(small[..., 0] - small[..., 1]) + np.abs(small[..., 1] - small[..., 2])
    if where is not None and (counted := where[::3, ::3] > 0).any():
        spread = spread[counted]
    return bool((spread > 6).mean() < 0.001)


def to_grey(image: Image) -> Mask:
    """Return the tones of an RGB picture, (h, w) uint8."""
    return image if image.ndim == 2 else as_image(cv2.cvtColor(image, cv2.COLOR_RGB2GRAY))


def find_ink(tones: Mask, reach: float) -> NDArray[np.float32]:
    """Find dark strokes: what is darker than its surroundings, unlike even areas and the paper of screentone.

    Args:
        tones: (h, w) uint8.
        reach: Pixels around a stroke with whose mean tone it is compared.

    Returns:
        (h, w) float32: 1 on strokes, 0 elsewhere, values between at edges.
    """
    values = np.asarray(tones, np.float32)
    around = cv2.GaussianBlur(values, (0, 0), reach)
    return np.asarray(np.clip((around - values - 30.0) / 40.0, 0.0, 1.0), np.float32)


def to_mask(picture: Image) -> Mask:
    """Return a mask that was read from a picture file, (h, w) uint8."""
    return picture[..., 0] if picture.ndim == 3 else picture


def blend(below: Image, above: Image, share: float) -> Image:
    """Return `above` laid over `below` with opacity `share` (0..1)."""
    return as_image(cv2.addWeighted(below, 1.0 - share, above, share, 0.0))


def whole_pixels(box: Box | tuple[float, float, float, float]) -> Box:
    """Return the smallest box of whole pixels around `box`."""
    x0, y0, x1, y1 = box
    return Box(math.floor(x0 + 1e-6), math.floor(y0 + 1e-6), math.ceil(x1 - 1e-6), math.ceil(y1 - 1e-6))


def intersect_box(box: Box, bounds: Box) -> Box:
    """Return the part of `box` inside `bounds`; a box without area if they do not meet."""
    x0, y0 = min(max(box.x0, bounds.x0), bounds.x1), min(max(box.y0, bounds.y0), bounds.y1)
    return Box(x0, y0, max(x0, min(box.x1, bounds.x1)), max(y0, min(box.y1, bounds.y1)))


def polygon_mask(polygon: Polygon, frame: Box) -> Mask:
    """Draw a mask with smooth edges.

    Args:
        polygon: Corners in page pixels.
        frame: The part of the page that the mask covers, in whole page pixels.

    Returns:
        (h, w) uint8, 255 = inside.
    """
    width, height = int(frame.width), int(frame.height)
    fine = np.zeros((height * _FINE, width * _FINE), np.uint8)
    points = (np.array(polygon, np.float64) - (frame.x0, frame.y0)) * _FINE - 0.5
    cv2.fillPoly(fine, [np.round(points * 16).astype(np.int32)], 255, shift=4)
    return as_image(cv2.resize(fine, (width, height), interpolation=cv2.INTER_AREA))


def resize(image: Image, size: tuple[int, int]) -> Image:
    """Return `image` at `size` (w, h).

    It is averaged where it shrinks, so that screentone gives no moiré, and stays crisp where it grows.
    """
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
    """A picture prepared for one magnification."""

    pixels: Image
    """(h, w, 3) RGB or (h, w), uint8."""
    x0: float
    """Left edge of pixel (0, 0) on the page plane, in page pixels."""
    y0: float
    """Upper edge of pixel (0, 0) on the page plane, in page pixels."""
    sx: float
    """Pixels per page pixel, across."""
    sy: float
    """Pixels per page pixel, down."""

    def sample(self, box: Box, size: tuple[int, int]) -> Image:
        """Return the view of a camera on `box` (page pixels) at `size` (w, h): (h, w[, 3]) uint8, interpolated."""
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
    """Scale the part `region` of `image`, which shows `box`, to `scale` pixels per page pixel."""
    height, width = image.shape[:2]
    px, py = width / box.width, height / box.height
    x0, x1 = _pixel_span((region.x0 - box.x0) * px, (region.x1 - box.x0) * px, width)
    y0, y1 = _pixel_span((region.y0 - box.y0) * py, (region.y1 - box.y0) * py, height)
    part = image[y0:y1, x0:x1]
    size = max(1, round((x1 - x0) / px * scale)), max(1, round((y1 - y0) / py * scale))
    pixels = resize(part, size)
    return ScaledPicture(
        pixels, box.x0 + x0 / px, box.y0 + y0 / py, size[0] / ((x1 - x0) / px), size[1] / ((y1 - y0) / py)
    )


def _pixel_span(start: float, stop: float, length: int, margin: int = 4) -> tuple[int, int]:
    """Return whole pixels around start..stop and a margin, within 0..length, never empty."""
    a = min(max(0, math.floor(start) - margin), length - 1)
    return a, max(a + 1, min(length, math.ceil(stop) + margin))
