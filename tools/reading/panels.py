"""Find the panels of a page as polygons, without order or lettering."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box, Polygon
from tools.geometry import bounding_box, clip_to_box, contains_point, polygon_area
from tools.plates import Image, Mask
from tools.reading.edge_score import PageStyle
from tools.reading.frame_lines import Candidate, propose_frame_lines
from tools.reading.frame_trimming import trim_frame_lines
from tools.reading.insets import find_frames
from tools.reading.open_frames import find_hidden_cut, find_open_frames
from tools.reading.page_division import SLIVER, divide_page, thickness
from tools.reading.paper_division import combine_with_pictures, find_pictures_on_paper
from tools.reading.rest_division import find_panels_beside
from tools.reading.strips import is_strip
from tools.reading.working_page import WorkingPage, make_working_page

BLANK_MARGIN = 0.02
"""A blank strip at a panel's side wider than this share of the page's side is margin, not picture."""
MIN_REST_SHARE = 0.2
"""The rest of a region beside its frames is a panel if it holds this share of the region's drawing."""

MIN_THICKNESS = 0.05
"""A panel is no thinner than this share of the page's side: nobody would look at a thinner one by itself."""


def find_panels(page: Image, hidden: Mask | None = None) -> list[Polygon]:
    """Find the panels of a page.

    Args:
        page: The image of the page, (h, w, 3) RGB uint8. A tall strip is divided at its bands of paper alone.
        hidden: Mask of lettering and balloons, (h, w) uint8, 255 = hidden; None for none.

    Returns:
        Polygons in page pixels that run inside the frame lines, in no order. A page without any frame has one panel or
        none.
    """
    prepared, strip = make_working_page(page, hidden), is_strip(page)
    pictures = find_pictures_on_paper(page, prepared, free_standing=strip)
    return pictures if strip else combine_with_pictures(_find_framed_panels(page, prepared), pictures, page.shape)


def _find_framed_panels(page: Image, prepared: WorkingPage) -> list[Polygon]:
    """Return the panels that are found by their frame lines, in page pixels."""
    lines = propose_frame_lines(prepared)
    polygons: list[Polygon] = []
    regions, style = divide_page(prepared, lines)
    for region in regions:
        near = [line for line in lines if not line.is_stump and contains_point(region.polygon, line.middle)]
        found = _find_region_panels(prepared, region.polygon, near, style)
        polygons += [polygon for polygon in found if thickness(polygon) >= MIN_THICKNESS * prepared.side]
    size = Box(0.0, 0.0, float(page.shape[1]), float(page.shape[0]))
    scaled = [
        tuple((x / prepared.scale, y / prepared.scale) for x, y in trim_frame_lines(prepared, polygon))
        for polygon in polygons
    ]
    return [clipped for clipped in (clip_to_box(polygon, size) for polygon in scaled) if clipped]


def _find_region_panels(
    prepared: WorkingPage, region: Polygon, near: Sequence[Candidate], style: PageStyle
) -> list[Polygon]:
    """Return the frames inside a region and the rest of it; the whole region if there are no frames."""
    parts = find_hidden_cut(prepared, region, near)
    if parts:
        return [
            polygon
            for part in parts
            for polygon in _find_region_panels(
                prepared, part, [line for line in near if contains_point(part, line.middle)], style
            )
        ]
    frames = find_frames(prepared, region, near)
    frames += find_open_frames(prepared, region, near, frames)
    frames += find_panels_beside(prepared, region, frames, near, style)
    rest = _trim_margins(prepared, region, frames)
    if not frames:
        return [rest] if rest else []
    whole_drawing, rest_drawing = _find_drawing(prepared, region, []), _find_drawing(prepared, region, frames)
    panels = [_trim_margins(prepared, frame, []) for frame in frames]
    if (
        rest
        and rest_drawing[0].sum() > MIN_REST_SHARE * whole_drawing[0].sum()
        and thickness(rest) > 2 * SLIVER * prepared.side
    ):
        panels.append(rest)
    return [polygon for polygon in panels if polygon]


def _find_drawing(
    prepared: WorkingPage, region: Polygon, taken: Sequence[Polygon]
) -> tuple[NDArray[np.bool_], int, int]:
    """Return where the region's bounding box holds drawing outside the `taken` polygons, and the corner of that box."""
    box = bounding_box(region)
    x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
    x1, y1 = min(prepared.width, round(box.x1)), min(prepared.height, round(box.y1))
    busy = (prepared.grey[y0:y1, x0:x1] < 205) | (prepared.unknown[y0:y1, x0:x1] > 0)
    if len(region) != 4 or polygon_area(region) < 0.98 * box.area or taken:
        inside = np.zeros(busy.shape, np.uint8)
        cv2.fillPoly(inside, [np.round(np.array(region) - (x0, y0)).astype(np.int32)], 1)
        for polygon in taken:
            points = np.round(np.array(polygon) - (x0, y0)).astype(np.int32)
            cv2.fillPoly(inside, [points], 0)
            cv2.polylines(inside, [points], True, 0, 11)
        busy = busy & (inside > 0)
    return busy, x0, y0


def _trim_margins(prepared: WorkingPage, region: Polygon, taken: Sequence[Polygon]) -> Polygon:
    """Return the region without its blank margins: a picture without a frame begins where its ink begins."""
    busy, x0, y0 = _find_drawing(prepared, region, taken)
    if not busy.any():
        return ()
    columns = np.flatnonzero(busy.sum(0) > 0.004 * busy.shape[0])
    rows = np.flatnonzero(busy.sum(1) > 0.004 * busy.shape[1])
    if not len(columns) or not len(rows):
        return ()
    box, min_margin = bounding_box(region), BLANK_MARGIN * prepared.side
    left, right = x0 + float(columns[0]) - 0.5, x0 + float(columns[-1]) + 1.5
    top, bottom = y0 + float(rows[0]) - 0.5, y0 + float(rows[-1]) + 1.5
    tight = Box(
        left if left - box.x0 > min_margin else box.x0,
        top if top - box.y0 > min_margin else box.y0,
        right if box.x1 - right > min_margin else box.x1,
        bottom if box.y1 - bottom > min_margin else box.y1,
    )
    return clip_to_box(region, tight)
