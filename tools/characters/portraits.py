"""Crop sightings of characters from their pages, and score how good a portrait each is."""

from __future__ import annotations

from collections.abc import Iterable

import cv2
import numpy as np

from storage.domain import Box
from tools.geometry import overlap_area, overlap_box
from tools.plates import Image

ENOUGH = 0.35
"""A figure of this share of the page's shorter side is large enough for a portrait."""


def crop_box(page: Image, box: Box) -> Image:
    """Return the part of `page`, (h, w, 3) RGB uint8, inside `box`, cut at the page's edge; at least one pixel."""
    height, width = page.shape[:2]
    x0, y0 = (int(np.clip(edge, 0, size - 1)) for edge, size in ((box.x0, width), (box.y0, height)))
    x1, y1 = (
        int(np.clip(np.ceil(edge), low + 1, size)) for edge, low, size in ((box.x1, x0, width), (box.y1, y0, height))
    )
    return page[y0:y1, x0:x1]


def without_lettering(page: Image, box: Box, lettering: Iterable[Box]) -> Image:
    """Return a crop with its lettering filled in the median tone: text says nothing about the figure."""
    crop = crop_box(page, box).copy()
    tone = np.median(crop.reshape(-1, crop.shape[2]), axis=0)
    for text in lettering:
        if shared := overlap_box(box, text):
            left, top = max(0.0, box.x0), max(0.0, box.y0)
            rows = slice(int(max(0.0, shared.y0 - top)), int(np.ceil(shared.y1 - top)))
            crop[rows, int(max(0.0, shared.x0 - left)) : int(np.ceil(shared.x1 - left))] = tone
    return crop


def portrait_quality(page: Image, box: Box, lettering: Iterable[Box], others: Iterable[Box] = ()) -> float:
    """Score a sighting as a portrait, 0..1: large, not covered by lettering or other figures, detailed, and frontal.

    A frontal face is nearly symmetric, so the upper half of the crop is compared with its mirror image.
    """
    crop = cv2.cvtColor(crop_box(page, box), cv2.COLOR_RGB2GRAY)
    small = cv2.GaussianBlur(cv2.resize(crop, (48, 64), interpolation=cv2.INTER_AREA).astype(np.float32), (0, 0), 1.5)
    head = small[:32] - small[:32].mean()
    front = float((head * head[:, ::-1]).sum() / max(float((head * head).sum()), 1e-6))
    detail = min(1.0, float(np.abs(cv2.Laplacian(small, cv2.CV_32F)).mean()) / 12)
    hidden = sum(overlap_area(box, text) for text in lettering) + 0.5 * sum(
        overlap_area(box, other) for other in others
    )
    clear = max(0.0, 1 - hidden / max(box.area, 1.0))
    size = min(1.0, min(box.width, box.height) / (ENOUGH * min(page.shape[:2])))
    return float(round(size * clear * (0.6 + 0.2 * max(0.0, front) + 0.2 * detail), 4))
