"""Continues a panel without a model: its own even tone, or a quiet, blurred continuation of itself behind it."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.shapes import Box
from tools.pixels import whole
from tools.plates import Cutout, Image, Mask, Plate


class Backend:
    """`dim` is the brightness of the blurred ground, `veil` how much of an unrevealed panel shows."""

    version = 1

    def __init__(self, *, dim: float = 0.5, veil: float = 0.12) -> None:
        self.dim = dim
        self.veil = veil

    def outpaint(
        self,
        cutouts: Sequence[Cutout],
        field: tuple[float, float, float, float],
        *,
        revealed: int,
        fill: str,
        prompt: str,
        references: Sequence[Image],
        seed: int,
    ) -> Plate:
        """Make the plate over `field`; see the promise in `tools/outpaint`. The scale is the page's."""
        box = whole(field)
        size = int(box.height), int(box.width)
        colour, alpha = np.zeros((*size, 3), np.float32), np.zeros(size, np.float32)
        for cutout in cutouts:
            _lay(colour, alpha, cutout, box)
        ground = _ground(colour, alpha, self.dim)
        original = np.zeros(size, np.float32)
        picture = ground
        for number, cutout in enumerate(cutouts):
            art, shape = np.zeros((*size, 3), np.float32), np.zeros(size, np.float32)
            _lay(art, shape, cutout, box)
            share = shape[..., None] if number < revealed else cv2.GaussianBlur(shape, (0, 0), 3)[..., None] * self.veil
            picture = picture * (1 - share) + art * share
            if number < revealed:
                original = np.maximum(original, shape)
        mask: Mask = np.where(original >= 1.0, 255, 0).astype(np.uint8)
        return Plate(np.clip(np.round(picture), 0, 255).astype(np.uint8), box, mask)


def _lay(colour: NDArray[np.float32], alpha: NDArray[np.float32], cutout: Cutout, box: Box) -> None:
    """Paste a cutout at its place."""
    x, y = round(cutout.box.x0 - box.x0), round(cutout.box.y0 - box.y0)
    h, w = cutout.pixels.shape[:2]
    y0, y1, x0, x1 = max(0, y), min(colour.shape[0], y + h), max(0, x), min(colour.shape[1], x + w)
    if y0 >= y1 or x0 >= x1:
        return
    part = cutout.pixels[y0 - y : y1 - y, x0 - x : x1 - x]
    share = part[..., 3].astype(np.float32) / 255
    here = alpha[y0:y1, x0:x1]
    take = share > 0
    colour[y0:y1, x0:x1][take] = part[..., :3][take]
    np.maximum(here, share, out=here)


def _ground(colour: NDArray[np.float32], alpha: NDArray[np.float32], dim: float) -> NDArray[np.float32]:
    h, w = alpha.shape
    small = max(1, round(max(h, w) / 160))
    c = cv2.resize(colour * alpha[..., None], (w // small, h // small), interpolation=cv2.INTER_AREA)
    a = cv2.resize(alpha, (w // small, h // small), interpolation=cv2.INTER_AREA)
    s = max(c.shape[:2])
    out, weight = np.zeros_like(c), np.zeros_like(a)
    for k in (0.02, 0.05, 0.12, 0.3, 0.8):
        out += np.asarray(cv2.GaussianBlur(c, (0, 0), s * k)) / k
        weight += np.asarray(cv2.GaussianBlur(a, (0, 0), s * k)) / k
    out = out / np.maximum(weight, 1e-6)[..., None]
    return np.asarray(cv2.resize(out, (w, h), interpolation=cv2.INTER_CUBIC), np.float32) * dim
