"""Enlarge a small drawing and keep it crisp, for pages of 800 pixels in a film of 1920 pixels.

Bicubic enlargement leaves lines soft and stepped. Here the drawing is doubled; lines are smoothed along their own
direction, which removes the steps, and sharpened across it; each pixel is limited to the darkest and lightest tone that
was near it before, so that no halo can arise. Only then is the result enlarged to its final size. No model is used, and
the result is deterministic.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.plates import Image, Mask

_Field = NDArray[np.float32]
_NEIGHBOURS = np.ones((3, 3), np.uint8)
_JPEG_NOISE = 11
"""Smaller differences of tone (0..255) are taken for JPEG noise."""

_CLEAN = np.interp(np.arange(256), [0, 6, 14, 236, 247, 255], [0, 0, 14, 236, 255, 255]).round().astype(np.uint8)
"""Tones near white become paper and tones near black become ink, so that JPEG noise is not enlarged."""


def enlarge(image: Image, size: tuple[int, int]) -> Image:
    """Enlarge a drawing and keep its lines crisp.

    Args:
        image: (h, w) grey or (h, w, 3) RGB, uint8.
        size: The size of the result (w, h) in pixels. Below 1.15 times the width it is only scaled bicubically.

    Returns:
        The enlarged drawing, uint8 with the channels of `image`.
    """
    if size[0] < 1.15 * image.shape[1]:
        return _resize_bicubic(image, size)
    if image.ndim == 2:
        return _enlarge_channel(image, size)
    luma, red, blue = cv2.split(cv2.cvtColor(image, cv2.COLOR_RGB2YCrCb))
    parts = [
        _enlarge_channel(_to_uint8(luma), size),
        _resize_bicubic(_to_uint8(red), size),
        _resize_bicubic(_to_uint8(blue), size),
    ]
    return _to_uint8(cv2.cvtColor(cv2.merge(parts), cv2.COLOR_YCrCb2RGB))


def _enlarge_channel(tone: Mask, size: tuple[int, int]) -> Mask:
    """Enlarge one channel."""
    width = tone.shape[1]
    calm = _to_uint8(cv2.LUT(cv2.bilateralFilter(tone, 5, _JPEG_NOISE, 1.6), _CLEAN))
    double = _sharpen_lines(_smooth_lines(calm), calm, 1.6)
    factor = size[0] / (2 * width)
    if factor <= 1.0:
        return _to_uint8(cv2.resize(double, size, interpolation=cv2.INTER_AREA))
    large = _resize_bicubic(double, size)
    return large if factor < 1.2 else _limit_to_neighbours(_unsharp_mask(large, 0.8 * factor, 1.0), double, size)


def _smooth_lines(calm: Mask) -> tuple[_Field, _Field]:
    """Return the picture at double size, smoothed along its lines, and a map that is 1 on lines and 0 on tone."""
    height, width = calm.shape
    picture = _to_float32(_resize_bicubic(calm, (2 * width, 2 * height)))
    blurred = cv2.GaussianBlur(picture, (0, 0), 1.2)
    gx, gy = (
        _to_float32(cv2.Scharr(blurred, cv2.CV_32F, 1, 0)) / 32,
        _to_float32(cv2.Scharr(blurred, cv2.CV_32F, 0, 1)) / 32,
    )
    # the structure tensor: its main direction runs across a line, its evenness tells lines from dots
    xx, yy, xy = (_to_float32(cv2.GaussianBlur(g, (0, 0), 1.8)) for g in (gx * gx, gy * gy, gx * gy))
    evenness = np.sqrt((xx - yy) ** 2 + 4 * xy * xy) / (xx + yy + 30)
    line = np.clip((evenness - 0.35) / 0.4, 0, 1)
    angle = 0.5 * np.arctan2(2 * xy, xx - yy) + np.float32(np.pi / 2)
    ax, ay = np.cos(angle), np.sin(angle)
    columns, rows = np.meshgrid(np.arange(2 * width, dtype=np.float32), np.arange(2 * height, dtype=np.float32))
    total, weights = picture.copy(), 1.0
    for step in (-2.4, -1.6, -0.8, 0.8, 1.6, 2.4):
        weight = float(np.exp(-0.5 * (step / 1.5) ** 2))
        sample = cv2.remap(
            picture, columns + ax * np.float32(step), rows + ay * np.float32(step), cv2.INTER_LINEAR,
            borderMode=cv2.BORDER_REPLICATE,
        )  # fmt: skip
        total += np.float32(weight) * _to_float32(sample)
        weights += weight
    return picture + (total / np.float32(weights) - picture) * line, line


def _sharpen_lines(straight: tuple[_Field, _Field], calm: Mask, radius: float) -> Mask:
    """Sharpen lines, and leave tones nearly unchanged."""
    picture, line = straight
    gain = 0.35 + 0.85 * line
    crisp = picture + gain * (picture - _to_float32(cv2.GaussianBlur(picture, (0, 0), radius)))
    crisp8 = np.clip(np.rint(crisp), 0, 255).astype(np.uint8)
    return _limit_to_neighbours(crisp8, calm, (picture.shape[1], picture.shape[0]))


def _unsharp_mask(large: Mask, radius: float, gain: float) -> Mask:
    soft = cv2.GaussianBlur(large, (0, 0), radius)
    return _to_uint8(cv2.addWeighted(large, 1.0 + gain, soft, -gain, 0.0))


def _limit_to_neighbours(large: Mask, small: Mask, size: tuple[int, int]) -> Mask:
    """Limit each pixel of `large` to the darkest and the lightest tone that `small` has around it."""
    low = cv2.resize(cv2.erode(small, _NEIGHBOURS), size, interpolation=cv2.INTER_LINEAR)
    high = cv2.resize(cv2.dilate(small, _NEIGHBOURS), size, interpolation=cv2.INTER_LINEAR)
    return _to_uint8(cv2.min(cv2.max(large, low), high))


def _resize_bicubic(image: Image, size: tuple[int, int]) -> Image:
    return _to_uint8(cv2.resize(image, size, interpolation=cv2.INTER_CUBIC))


def _to_uint8(array: object) -> Image:
    return np.asarray(array, np.uint8)


def _to_float32(array: object) -> _Field:
    return np.asarray(array, np.float32)
