"""Draw a take beside its page: the first, middle and last moment of the shot, as planned and as filmed."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import cv2
import numpy as np

from storage.domain import Box, CameraKey, Ease, Polygon, VideoFormat
from tools.plates import Image
from tools.previews.contact_sheet import GAP, LINE, lay_out_sheet
from tools.video import clips
from tools.video.camera_path import camera_at

LONG_SIDE_PIXELS = 1024
"""Pixels of the longer side of the picture."""
MOMENTS = (0.0, 0.5, 1.0)
"""The moments that are compared, as shares of the shot."""
NAMES = ("first", "middle", "last")
DIM = 0.25
"""How much is left of the drawing outside the panels of the shot, 0..1."""
GREY = 128


def compare_take(
    page: Image, panels: Sequence[Polygon], camera: Sequence[CameraKey], ease: Ease, take: Sequence[Image], number: int
) -> Image:
    """Lay out the page as the camera sees it at three moments, and the take at the same moments beside or below it.

    Args:
        page: (h, w, 3) RGB uint8.
        panels: The polygons of the shot's panels; the page is dimmed outside of them.
        camera: The camera keys.
        ease: How the camera moves between two keys.
        take: Three frames of the take, (h, w, 3) RGB uint8 of one size.
        number: The number of the take, for captions.
    """
    height, width = take[0].shape[:2]
    dimmed_page = _dim_outside(page, panels)
    planned = [_crop_view(dimmed_page, camera_at(camera, t, ease), width, height) for t in MOMENTS]
    if _column_count(width / height) == 2:
        captions = [f"{name}: the page where the camera stands, and take {number} then" for name in NAMES]
        return lay_out_sheet([(caption, pair) for caption, *pair in zip(captions, planned, take, strict=True)])
    caption_of_page = f"the page where the camera stands: {', '.join(NAMES)}"
    return lay_out_sheet([(caption_of_page, planned), (f"take {number} at the same moments", take)])


def three_moments(film: Path, *, width: int) -> list[Image]:
    """Return the first, the middle and the last frame of a video file, `width` pixels wide."""
    count = clips.probe_clip(film).frames
    places = (0, count // 2, count - 1)
    frames = {index: picture for index, picture in enumerate(clips.read_frames(film, width=width)) if index in places}
    return [frames[index] for index in places]


def cell_width(screen: VideoFormat) -> int:
    """Return how many pixels wide each of the six pictures may be."""
    return _cell_width_for(screen.aspect, _column_count(screen.aspect))


def _column_count(aspect: float) -> int:
    """Return how many pictures stand side by side, so that they are as large as possible.

    They are 2 (page and take) or 3 (moments).
    """
    return max((2, 3), key=lambda columns: _cell_width_for(aspect, columns))


def _cell_width_for(aspect: float, columns: int) -> int:
    across = (LONG_SIDE_PIXELS - (columns + 1) * GAP) / columns
    down = (LONG_SIDE_PIXELS * columns / 6 - LINE - GAP) * aspect
    return int(min(across, down)) // 2 * 2


def _dim_outside(page: Image, panels: Sequence[Polygon]) -> Image:
    mask = np.zeros(page.shape[:2], np.uint8)
    for polygon in panels:
        cv2.fillPoly(mask, [np.round(np.array(polygon)).astype(np.int32)], 255)
    dimmed = (page[..., :3] * DIM + GREY * (1 - DIM)).astype(np.uint8)
    return np.where(mask[..., np.newaxis] > 0, page[..., :3], dimmed)


def _crop_view(page: Image, box: Box, width: int, height: int) -> Image:
    """Return the part of a page that a box shows, in a given size; grey beyond the page."""
    sx, sy = width / box.width, height / box.height
    move = np.array([[sx, 0, -box.x0 * sx + (sx - 1) / 2], [0, sy, -box.y0 * sy + (sy - 1) / 2]])
    small = cv2.GaussianBlur(page, (0, 0), 0.5 / sx) if sx < 0.6 else page
    view = cv2.warpAffine(
        small, move, (width, height), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_CONSTANT, borderValue=(GREY,) * 3
    )
    return np.asarray(view, np.uint8)
