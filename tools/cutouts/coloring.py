"""Lay the colours of a painted picture under the artist's own tones, which stay as they were drawn, pixel by pixel.

Of the painted picture only the difference of each channel to its tone is used. It is smoothed within areas that lines
enclose, so that colours which a model painted a little beside a line end at the line (domain transform, Gastal and
Oliveira 2011), and lessened as far as the tone needs: on white or black there is no colour of the same tone.
"""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Balloon
from tools.pixels import as_image, find_ink, polygon_mask, to_grey
from tools.plates import Cutout, Image, Mask

VERSION = 1
"""Raised when the same painted picture gives other pixels: part of the content keys of coloured panels."""
REACH = 12.0
"""Pixels over which colours are smoothed within an area."""
LINE = 24.0
"""Difference of tone that counts as much as REACH pixels of distance: across a line nothing is smoothed."""
INK = (16.0, 64.0)
"""Tones up to the first stay without colour, those from the second on have all of it."""
OPEN_PAPER = 9
"""Pixels across which an area must be white to be paper; the white within screentone is narrower."""
BESIDE_STROKE = 9
"""Width in pixels of the square around a stroke in which painted colours weigh LEAST_WEIGHT."""
LEAST_WEIGHT = 0.02
_BALLOON_LINE = 7
_ROUNDS = 3
_LUMA = (9798, 19235, 3735)
"""What red, green and blue weigh in a tone, of 2 ** 15, as OpenCV has it."""
_Field = NDArray[np.float32]


def lay_colours(picture: Image, painted: Image, free: Mask, *, vividness: float = 1.0) -> Image:
    """Return a grey picture with the colours of a painted one.

    Args:
        picture: The artist's picture, (h, w, 3) RGB uint8.
        painted: The same drawing in colours, of the same shape.
        free: 255 where it may be coloured, (h, w) uint8.
        vividness: Factor on the colours.

    Returns:
        (h, w, 3) RGB uint8: where it is coloured, `to_grey` of it equals that of `picture`; the rest is `picture`.
    """
    tones = to_grey(picture)
    values = painted.astype(np.float32)
    luma = values @ (np.array(_LUMA, np.float32) / 2**15)
    hues = _smooth_within_lines(np.asarray(values[..., ::2] - luma[..., None], np.float32), tones)
    share = vividness * _colour_share(tones) * (free.astype(np.float32) / 255)
    hues *= share[..., None]
    coloured = _with_hues(tones, hues)
    is_coloured = np.abs(hues).max(axis=2) >= 0.5
    return np.where(is_coloured[..., None], coloured, picture)


def colourable_mask(cutout: Cutout, balloons: Sequence[Balloon]) -> Mask:
    """Return a mask of the pixels of a cutout that may be coloured: its picture without balloons and their lines.

    Lettering outside of balloons stands on the drawing: its ink stays black and its white stays white by their tones.
    """
    mask = np.where(cutout.pixels[..., 3] == 255, 255, 0).astype(np.uint8)
    for balloon in balloons:
        if balloon.outline:
            shape = cv2.dilate(polygon_mask(balloon.outline, cutout.box), np.ones((_BALLOON_LINE,) * 2, np.uint8))
            mask[shape > 0] = 0
    return mask


def _colour_share(tones: Mask) -> _Field:
    """Return how much colour each pixel may have by its tone, (h, w) of 0..1: none on ink and on open paper."""
    light = tones[tones > 215]
    paper = float(np.median(light)) if len(light) > 0.01 * tones.size else 255.0
    opened = cv2.morphologyEx(
        tones, cv2.MORPH_OPEN, cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (OPEN_PAPER, OPEN_PAPER))
    )
    below_paper = np.clip((paper - 6.0 - opened.astype(np.float32)) / 14.0, 0.0, 1.0)
    above_ink = np.clip((tones.astype(np.float32) - INK[0]) / (INK[1] - INK[0]), 0.0, 1.0)
    return np.asarray(below_paper * above_ink, np.float32)


def _with_hues(tones: Mask, hues: _Field) -> Image:
    """Return the pixels of these tones with differences of red and blue to them, (h, w, 2), as far as there are any.

    Green is what the tone leaves; its rounding changes the tone by at most 0.3.
    """
    tone = tones.astype(np.float32)
    weights = np.array(_LUMA, np.float32) / 2**15
    green = -(hues @ weights[::2]) / weights[1]
    reach = np.ones_like(tone)
    for channel in (hues[..., 0], green, hues[..., 1]):
        room = np.where(channel > 0, 255.0 - tone, tone)
        reach = np.minimum(reach, room / np.maximum(np.abs(channel), 1e-6))
    red, blue = (np.rint(tone + reach * hues[..., at]).astype(np.int64) for at in (0, 1))
    rest = tones.astype(np.int64) * 2**15 - _LUMA[0] * red - _LUMA[2] * blue
    return as_image(np.dstack([red, np.rint(rest / _LUMA[1]), blue]))


def _smooth_within_lines(hues: _Field, tones: Mask) -> _Field:
    """Smooth hues (h, w, 2) along rows and columns in turn; where tones change, little is carried on.

    What was painted close to strokes hardly counts: there it is most often that of the other side.
    """
    guide = tones.astype(np.float32)
    strokes = cv2.dilate(find_ink(tones, REACH), np.ones((BESIDE_STROKE,) * 2, np.uint8))
    weights = 1.0 - (1.0 - LEAST_WEIGHT) * np.minimum(1.0, 2.0 * strokes)[..., None]
    steps = [1.0 + REACH / LINE * np.abs(np.diff(guide, axis=axis)) for axis in (1, 0)]
    smooth = np.dstack([hues * weights, weights])
    for number in range(_ROUNDS):
        sigma = REACH * np.sqrt(3.0) * 2 ** (_ROUNDS - number - 1) / np.sqrt(4.0**_ROUNDS - 1)
        keep = float(np.exp(-np.sqrt(2.0) / sigma))
        across, down = (np.power(keep, step, dtype=np.float32) for step in steps)
        smooth = _carry_down(smooth, down)
        smooth = _carry_down(smooth.transpose(1, 0, 2), across.T).transpose(1, 0, 2)
    return np.asarray(smooth[..., :2] / np.maximum(smooth[..., 2:], 1e-6), np.float32)


def _carry_down(hues: _Field, carried: _Field) -> _Field:
    """Mix each row with the one before it, and then with the one after it, by the shares that are carried between."""
    mixed = np.ascontiguousarray(hues)
    shares = np.ascontiguousarray(carried)[..., None]
    for row in range(1, len(mixed)):
        mixed[row] += shares[row - 1] * (mixed[row - 1] - mixed[row])
    for row in range(len(mixed) - 2, -1, -1):
        mixed[row] += shares[row] * (mixed[row + 1] - mixed[row])
    return mixed
