"""Find the mouth or the eyes in what an image editor drew of a face, and lay them over the artist's drawing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import cv2
import numpy as np

from storage.domain import Box
from tools.pixels import as_image
from tools.plates import Image, Mask

VERSION = 1
"""Raised when another part of a drawing is taken for the mouth or the eyes: part of the content keys."""
Feature = Literal["mouth", "eyes"]
RefusalOfDrawing = Literal["too_little", "too_much", "misplaced"]
"""Why a drawing is not used: it is as the artist's; more than the mouth or the eyes is another; they are elsewhere."""
CHANGED_TONES = 24
"""Least difference from the artist's drawing, of 255, that counts: the losses of a VAE on line art are smaller."""
LEAST_SHARE = 0.001
"""Least share of the head that a mouth or a pair of eyes covers: 5 x 5 pixels of 160 x 160."""
MOST_SHARE = 0.25
"""Largest share of the head that may change: a drawing with another face is of no use."""
LARGEST = {"mouth": (0.6, 0.5), "eyes": (0.95, 0.45)}
"""Largest width and height of what changes, as shares of the head."""
HIGHEST_MOUTH = 0.15
"""Share of the head from its top in which no mouth is."""
JOINED = 0.02
"""Gap across which changed pixels are one region, as a share of the head's shorter side."""
SOFT_PIXELS = 1.0
"""Standard deviation of the edge that is blended, in page pixels."""


@dataclass(frozen=True)
class FacePatch:
    """A mouth or a pair of eyes, to be laid over the artist's drawing."""

    pixels: Image
    """(h, w, 4) RGBA uint8 at page scale; alpha is 0 wherever the artist's drawing stays."""
    box: Box
    """Its place on the page, in page pixels."""
    share: float
    """How much of the head changed in the drawing, 0..1, also what is left out of the patch."""


@dataclass(frozen=True)
class RefusedDrawing:
    """A drawing that is not used."""

    kind: RefusalOfDrawing
    share: float
    """How much of the head changed in it, 0..1."""


def find_patch(before: Image, after: Image, mask: Mask, box: Box, feature: Feature) -> FacePatch | RefusedDrawing:
    """Return what changed in a face where that is a mouth or a pair of eyes.

    It is the largest connected region that changed, and for eyes also the next one if it lies beside the first and is
    of its size. All other pixels stay the artist's.

    Args:
        before: The artist's drawing, (h, w, 3) RGB uint8.
        after: What the editor drew, of the same size.
        mask: (h, w) uint8; 255 where the head is, without balloons and lettering.
        box: The place of the pictures on the page, at page scale.
        feature: What was to change.
    """
    rows, columns = np.flatnonzero(mask.any(axis=1)), np.flatnonzero(mask.any(axis=0))
    if not rows.size:
        return RefusedDrawing("too_little", 0.0)
    top, left = rows[0], columns[0]
    part = slice(top, rows[-1] + 1), slice(left, columns[-1] + 1)
    head, drawn = mask[part] > 0, after[part]
    differs = (np.abs(drawn.astype(np.int16) - before[part]).max(axis=2) > CHANGED_TONES) & head
    share = float(differs.sum() / head.sum())
    if share > MOST_SHARE:
        return RefusedDrawing("too_much", share)
    region = _largest_region(as_image(differs * 255), feature)
    if not isinstance(region, np.ndarray):
        return RefusedDrawing(region, share)
    alpha = cv2.GaussianBlur(cv2.dilate(region, np.ones((3, 3), np.uint8)), (0, 0), SOFT_PIXELS)
    alpha = np.where(head, np.maximum(alpha, region), 0).astype(np.uint8)
    y, x = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    y0, y1, x0, x1 = int(y[0]), int(y[-1]) + 1, int(x[0]), int(x[-1]) + 1
    pixels = np.dstack([drawn[y0:y1, x0:x1], alpha[y0:y1, x0:x1]])
    place_x, place_y = box.x0 + left + x0, box.y0 + top + y0
    return FacePatch(pixels, Box(place_x, place_y, place_x + x1 - x0, place_y + y1 - y0), share)


def settle_patches(found: dict[str, FacePatch | RefusedDrawing]) -> dict[str, FacePatch | RefusedDrawing]:
    """Refuse drawings of one face that contradict each other: two mouths apart, or eyes that lie on the mouth.

    Args:
        found: What was found in each drawing, by its name; the eyes are "blink", all others are mouths.
    """
    settled = dict(found)
    mouths = {name: one for name, one in found.items() if name != "blink" and isinstance(one, FacePatch)}
    if len(mouths) > 1 and not all(_overlaps(one, next(iter(mouths.values()))) for one in mouths.values()):
        least = min(mouths, key=lambda name: mouths[name].box.area)
        settled[least] = RefusedDrawing("misplaced", mouths.pop(least).share)
    blink = found.get("blink")
    if isinstance(blink, FacePatch) and any(_overlaps(blink, mouth) for mouth in mouths.values()):
        settled["blink"] = RefusedDrawing("misplaced", blink.share)
    return settled


def lay_patches(picture: Image, box: Box, patches: Sequence[FacePatch]) -> Image:
    """Return a picture with patches laid over it, (h, w, 3) RGB uint8; no pixel beyond their alpha changes.

    Args:
        picture: (h, w, 3) RGB uint8, at any scale.
        box: The part of the page that it shows, in page pixels.
        patches: What is laid over it.
    """
    laid, scale = picture.copy(), picture.shape[1] / box.width
    for patch in patches:
        height, width = patch.pixels.shape[:2]
        x, y = (patch.box.x0 - box.x0) * scale, (patch.box.y0 - box.y0) * scale
        x0, y0 = max(0, int(x)), max(0, int(y))
        x1 = min(laid.shape[1], int(np.ceil(x + width * scale)))
        y1 = min(laid.shape[0], int(np.ceil(y + height * scale)))
        if x0 >= x1 or y0 >= y1:
            continue
        move = np.array([[scale, 0, x - x0 + (scale - 1) / 2], [0, scale, y - y0 + (scale - 1) / 2]])
        size, flags = (x1 - x0, y1 - y0), cv2.INTER_LINEAR
        colour = np.ascontiguousarray(patch.pixels[..., :3])
        drawn = cv2.warpAffine(colour, move, size, flags=flags, borderMode=cv2.BORDER_REPLICATE)
        alpha = cv2.warpAffine(np.ascontiguousarray(patch.pixels[..., 3]), move, size, flags=flags)
        share = alpha[..., np.newaxis].astype(np.float32) / 255
        under = laid[y0:y1, x0:x1]
        laid[y0:y1, x0:x1] = as_image(under * (1 - share) + drawn * share)
    return laid


class ExposedFrames:
    """The pictures of a plate with different patches on it; each is made when it is read.

    Args:
        picture: The plate, (h, w, 3) RGB uint8.
        box: The part of the page that it shows, in page pixels.
        drawings: The patches of each picture; the first picture should have none.
    """

    def __init__(self, picture: Image, box: Box, drawings: Sequence[Sequence[FacePatch]]) -> None:
        self._picture, self._box, self._drawings = picture, box, drawings

    def __len__(self) -> int:
        """Return how many pictures there are."""
        return len(self._drawings)

    def __getitem__(self, index: int) -> Image:
        """Return one picture, (h, w, 3) RGB uint8."""
        patches = self._drawings[index]
        return lay_patches(self._picture, self._box, patches) if patches else self._picture


def _largest_region(differs: Mask, feature: Feature) -> Mask | RefusalOfDrawing:
    """Return the region that changed most, 255 in it, or why it is no mouth and no pair of eyes."""
    height, width = differs.shape
    gap = 2 * max(1, round(JOINED * min(height, width))) + 1
    joined = cv2.morphologyEx(differs, cv2.MORPH_CLOSE, np.ones((gap, gap), np.uint8))
    count, labels, stats, centers = cv2.connectedComponentsWithStats(joined, connectivity=8)
    order = sorted(range(1, count), key=lambda label: -stats[label, cv2.CC_STAT_AREA])
    if not order or stats[order[0], cv2.CC_STAT_AREA] < LEAST_SHARE * height * width:
        return "too_little"
    chosen = order[:1]
    if feature == "eyes":
        chosen += [label for label in order[1:2] if _is_other_eye(stats[order[0]], stats[label])]
    x0, y0 = (min(int(stats[label, side]) for label in chosen) for side in (cv2.CC_STAT_LEFT, cv2.CC_STAT_TOP))
    x1 = max(int(stats[label, cv2.CC_STAT_LEFT] + stats[label, cv2.CC_STAT_WIDTH]) for label in chosen)
    y1 = max(int(stats[label, cv2.CC_STAT_TOP] + stats[label, cv2.CC_STAT_HEIGHT]) for label in chosen)
    most_wide, most_high = LARGEST[feature]
    if x1 - x0 > most_wide * width or y1 - y0 > most_high * height:
        return "too_much"
    if feature == "mouth" and centers[chosen[0]][1] < HIGHEST_MOUTH * height:
        return "misplaced"
    return as_image(np.isin(labels, chosen) * 255)


def _is_other_eye(one: np.ndarray, other: np.ndarray) -> bool:
    """Return whether a region lies beside another and is about as large; both are rows of statistics."""
    top, bottom = (cv2.CC_STAT_TOP, cv2.CC_STAT_HEIGHT)
    shared = min(one[top] + one[bottom], other[top] + other[bottom]) - max(one[top], other[top])
    return bool(shared > 0 and 3 * other[cv2.CC_STAT_AREA] >= one[cv2.CC_STAT_AREA])


def _overlaps(one: FacePatch, other: FacePatch) -> bool:
    """Return whether the places of two patches share any pixel."""
    a, b = one.box, other.box
    return min(a.x1, b.x1) > max(a.x0, b.x0) and min(a.y1, b.y1) > max(a.y0, b.y0)
