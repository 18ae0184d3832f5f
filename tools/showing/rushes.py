"""A page, the camera over it and takes of a shot in; one picture in which each moment stands above its like out."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from storage.shapes import Box, CameraKey, Ease, Polygon, Screen
from tools.filming import clips
from tools.filming.camera import camera_at
from tools.plates import Image
from tools.showing.contact import GAP, LINE, sheet

LONGEST = 1024
"""Pixels of the picture's longer side."""
MOMENTS = (0.0, 0.5, 1.0)
DIM = 0.25
"""How much is left of what is not drawn in the shot's panels."""
GREY = 128


def rushes(
    page: Image, panels: Sequence[Polygon], camera: Sequence[CameraKey], ease: Ease, takes: Sequence[Sequence[Image]]
) -> Image:
    """Lay out the page as the camera sees it and, below it, the pictures of each take at the same moments.

    `takes` are three (h, w, 3) RGB pictures each, all of one size; what is outside of `panels` is dimmed on the page.
    """
    height, width = takes[0][0].shape[:2]
    drawn = _dimmed(page, panels)
    planned = [_seen(drawn, camera_at(camera, t, ease), width, height) for t in MOMENTS]
    rows = [("the page where the camera stands: first, middle, last", planned)]
    rows += [(f"take {number}: the same moments", list(take)) for number, take in enumerate(takes, start=1)]
    return sheet(rows)


def moments(film: Path, *, width: int) -> list[Image]:
    """The first, the middle and the last picture of a film, `width` pixels wide."""
    found = list(clips.frames(film, width=width))
    return [found[0], found[len(found) // 2], found[-1]]


def cell(screen: Screen, takes: int) -> int:
    """How wide a picture may be, so that those of so many takes fit."""
    across = (LONGEST - (len(MOMENTS) + 1) * GAP) / len(MOMENTS)
    down = (LONGEST / (takes + 1) - LINE - GAP) * screen.aspect
    return max(32, int(min(across, down)) // 2 * 2)


def _dimmed(page: Image, panels: Sequence[Polygon]) -> Image:
    mask = np.zeros(page.shape[:2], np.uint8)
    for polygon in panels:
        cv2.fillPoly(mask, [np.round(np.array(polygon)).astype(np.int32)], 255)
    faint = (page[..., :3] * DIM + GREY * (1 - DIM)).astype(np.uint8)
    return np.where(mask[..., np.newaxis] > 0, page[..., :3], faint)


def _seen(page: Image, box: Box, width: int, height: int) -> Image:
    """What a box of the page shows, in so many pixels; grey beyond the page."""
    sx, sy = width / box.width, height / box.height
    move = np.array([[sx, 0, -box.x0 * sx + (sx - 1) / 2], [0, sy, -box.y0 * sy + (sy - 1) / 2]])
    small = cv2.GaussianBlur(page, (0, 0), 0.5 / sx) if sx < 0.6 else page
    seen = cv2.warpAffine(
        small, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3
    )
    return np.asarray(seen, np.uint8)
