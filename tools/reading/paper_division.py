"""Find pictures by the paper between them, and put them in the place of panels that join several."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import clip_to_box
from tools.plates import Image
from tools.reading.frame_trimming import trim_frame_lines
from tools.reading.gutters import divide_at_gutters
from tools.reading.page_division import is_band, thickness
from tools.reading.paper import find_paper
from tools.reading.working_page import WorkingPage, resize_page

MIN_THICKNESS = 0.05
"""A picture is no thinner than this share of the page's side."""
EXAMINED_SIDE = 320
"""Longer side in pixels of the masks with which panels and pictures are compared."""
SAME = 0.88
"""A panel is the same as a picture if their intersection is more than this share of their union."""
MIN_INSIDE = 0.8
"""A panel is a part of a picture that holds at least this share of it."""
MIN_COVERED = 0.6
"""A picture is divided into panels if they cover at least this share of it."""
MAX_OVERLAP = 0.4
"""Share of a panel or picture from which on another one takes its place."""
Bits = NDArray[np.bool_]


def find_pictures_on_paper(page: Image, prepared: WorkingPage, *, free_standing: bool = False) -> list[Polygon]:
    """Find the pictures between which paper runs.

    Args:
        page: The image of the page, (h, w, 3) RGB uint8.
        prepared: The same page as `make_working_page` returns it.
        free_standing: Whether drawings without straight sides are pictures too, as in a tall strip.

    Returns:
        Polygons in page pixels, in no order.
    """
    picture = resize_page(page, (prepared.width, prepared.height))
    drawing = ~find_paper(picture, prepared.unknown)
    parts = divide_at_gutters(
        drawing, prepared.unknown, prepared.side, free_standing=free_standing, strict=not free_standing
    )
    whole = Box(0.0, 0.0, float(prepared.width), float(prepared.height))
    polygons = [_trim(clip_to_box(part.trim(part.region), whole), drawing) for part in parts]
    return [
        tuple((x / prepared.scale, y / prepared.scale) for x, y in polygon)
        for polygon in polygons
        if polygon
        and thickness(polygon) >= MIN_THICKNESS * prepared.side
        and (free_standing or not is_band(prepared, trim_frame_lines(prepared, polygon)))
    ]


def _trim(polygon: Polygon, drawing: Bits) -> Polygon:
    """Return a polygon without the paper at its sides, in working pixels."""
    inside = _fill(polygon, drawing.shape, 1.0) & drawing if polygon else drawing
    columns, rows = np.flatnonzero(inside.any(axis=0)), np.flatnonzero(inside.any(axis=1))
    if not polygon or not columns.size:
        return ()
    return clip_to_box(polygon, Box(float(columns[0]), float(rows[0]), columns[-1] + 1.0, rows[-1] + 1.0))


def combine_with_pictures(
    panels: Sequence[Polygon], pictures: Sequence[Polygon], size: tuple[int, ...]
) -> list[Polygon]:
    """Put pictures in the place of panels that join several of them.

    A panel stays where it is one picture, or a part of one. A picture that is neither a panel nor divided into panels
    replaces the panels that it overlaps.

    Args:
        panels: Panels found by their frame lines.
        pictures: Pictures found by the paper around them.
        size: Height and width of the page in pixels.

    Returns:
        The panels, in no order.
    """
    scale = EXAMINED_SIDE / max(size[:2])
    panel_masks = [_fill(panel, size, scale) for panel in panels]
    picture_masks = [_fill(picture, size, scale) for picture in pictures]
    missing = [index for index, mask in enumerate(picture_masks) if not _is_known(mask, panel_masks)]
    if not missing:
        return list(panels)
    added = np.any([picture_masks[index] for index in missing], axis=0)
    kept = [
        (panel, mask)
        for panel, mask in zip(panels, panel_masks, strict=True)
        if (mask & added).sum() < MAX_OVERLAP * mask.sum()
    ]
    return [
        *(panel for panel, _ in kept),
        *(
            pictures[index]
            for index in missing
            if all((mask & picture_masks[index]).sum() < MAX_OVERLAP * picture_masks[index].sum() for _, mask in kept)
        ),
    ]


def _is_known(picture: Bits, panels: Sequence[Bits]) -> bool:
    """Return whether a picture is a panel, or divided into panels."""
    shared = [(picture & panel).sum() for panel in panels]
    if any(both > SAME * (picture | panel).sum() for both, panel in zip(shared, panels, strict=True)):
        return True
    inside = sum(both for both, panel in zip(shared, panels, strict=True) if both >= MIN_INSIDE * panel.sum())
    return bool(inside >= MIN_COVERED * picture.sum())


def _fill(polygon: Polygon, size: tuple[int, ...], scale: float) -> Bits:
    """Return a small mask of a polygon, (h, w)."""
    mask = np.zeros((max(1, round(size[0] * scale)), max(1, round(size[1] * scale))), np.uint8)
    cv2.fillPoly(mask, [np.round(np.array(polygon) * scale).astype(np.int32)], 1)
    return mask > 0
