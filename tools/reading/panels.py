"""Page image and what hides it in, the polygons of its panels out; knows no order and no lettering."""

from __future__ import annotations

import numpy as np

from storage.shapes import Box, Polygon
from tools.geometry import bounds, clip_to_box
from tools.plates import Image, Mask
from tools.reading.cuts import Region, divide
from tools.reading.frame_lines import candidates
from tools.reading.sheet import Sheet, lay_out

BLANK_MARGIN = 0.02
"""A blank strip at a panel's side wider than this share of the sheet's side is margin, not picture."""


def find_panels(page: Image, hidden: Mask | None = None) -> list[Polygon]:
    """The panels of `page`, (h, w, 3) RGB uint8, as polygons in page pixels that run inside the frame lines.

    `hidden` marks lettering and balloons (255), (h, w). A page without any frame gives one panel or none.
    """
    sheet = lay_out(page, hidden)
    polygons = [_trimmed(sheet, region) for region in divide(sheet, candidates(sheet))]
    size = Box(0.0, 0.0, float(page.shape[1]), float(page.shape[0]))
    scaled = [tuple((x / sheet.scale, y / sheet.scale) for x, y in polygon) for polygon in polygons if polygon]
    return [kept for kept in (clip_to_box(polygon, size) for polygon in scaled) if kept]


def _trimmed(sheet: Sheet, region: Region) -> Polygon:
    """The region without its blank margins: a picture without a frame begins where its ink begins."""
    box = bounds(region.polygon)
    x0, y0, x1, y1 = max(0, int(box.x0)), max(0, int(box.y0)), round(box.x1), round(box.y1)
    busy = (sheet.grey[y0:y1, x0:x1] < 205) | (sheet.unknown[y0:y1, x0:x1] > 0)
    if not busy.any():
        return ()
    columns, rows = (
        np.flatnonzero(busy.sum(0) > 0.004 * busy.shape[0]),
        np.flatnonzero(busy.sum(1) > 0.004 * busy.shape[1]),
    )
    if not len(columns) or not len(rows):
        return ()
    least = BLANK_MARGIN * sheet.side
    left, right = float(columns[0]), float(busy.shape[1] - 1 - columns[-1])
    top, bottom = float(rows[0]), float(busy.shape[0] - 1 - rows[-1])
    tight = Box(
        x0 + (left if left > least else 0.0) - 0.5,
        y0 + (top if top > least else 0.0) - 0.5,
        x1 - (right if right > least else 0.0) + 0.5,
        y1 - (bottom if bottom > least else 0.0) + 0.5,
    )
    return clip_to_box(region.polygon, tight)
