"""Displace pixels of a film frame, taken anew from the scaled picture: nothing is interpolated twice."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box
from tools.geometry import union_box
from tools.motion_regions import PlaneField, part_of, pixel_span
from tools.pixels import ScaledPicture, as_image
from tools.plates import Image, Mask

CELL = 4
"""Film pixels of a cell of the map from film pixels to the picture: displacements are smooth."""


@dataclass(frozen=True)
class FrameWarp:
    """The displacements of a part of one film frame."""

    offsets: NDArray[np.float32]
    """(rows, columns, 2) float32: how far to the right and below each cell is taken from, in page pixels. There is one
    cell more than the part on every side.
    """
    moved: Mask
    """(h, w) uint8, not 0 where a pixel is displaced; all others stay exactly as they are."""
    x: int
    """The left edge of the part in film pixels."""
    y: int
    """The upper edge of the part in film pixels."""

    def displace(self, picture: Image, level: ScaledPicture, box: Box) -> Image:
        """Return a view of `level` with its pixels displaced.

        Args:
            picture: What the camera shows of `level`, (h, w[, 3]) uint8; it is not changed.
            level: The scaled picture.
            box: The camera's box in page pixels.
        """
        height, width = self.moved.shape
        rows, columns = self.offsets.shape[:2]
        right, down = box.width / picture.shape[1], box.height / picture.shape[0]
        x = box.x0 - level.x0 + (self.x + CELL * (np.arange(columns) - 0.5)) * right
        y = box.y0 - level.y0 + (self.y + CELL * (np.arange(rows) - 0.5)) * down
        cells = (np.dstack(np.meshgrid(x, y)) + self.offsets) * (level.sx, level.sy) - 0.5
        places = cv2.resize(cells.astype(np.float32), (columns * CELL, rows * CELL), interpolation=cv2.INTER_LINEAR)
        places = places[CELL : CELL + height, CELL : CELL + width]
        taken = cv2.remap(level.pixels, places, None, cv2.INTER_LINEAR, borderMode=cv2.BORDER_REPLICATE)  # type: ignore[call-overload]
        displaced = picture.copy()
        cv2.copyTo(as_image(taken), self.moved, displaced[self.y : self.y + height, self.x : self.x + width])
        return displaced


def join_fields(fields: Sequence[PlaneField], box: Box, size: tuple[int, int]) -> FrameWarp | None:
    """Return the sum of some fields for a frame.

    Args:
        fields: Displacements on the page.
        box: The camera's box in page pixels.
        size: The width and height of a frame.

    Returns:
        The displacements of the frame's pixels; None where nothing is displaced.
    """
    seen = [field for field in fields if pixel_span(field.box, box, size)]
    span = pixel_span(union_box([field.box for field in seen]), box, size) if seen else None
    if span is None:
        return None
    x0, y0, x1, y1 = span
    columns, rows = -(-(x1 - x0) // CELL) + 2, -(-(y1 - y0) // CELL) + 2
    wide = part_of(box, size, (x0 - CELL, y0 - CELL, x0 + (columns - 1) * CELL, y0 + (rows - 1) * CELL))
    part = part_of(box, size, span)
    offsets = sum(field.offsets_in(wide, (columns, rows)) for field in seen)
    moved = np.maximum.reduce([field.touched_in(part, (x1 - x0, y1 - y0)) for field in seen])
    return FrameWarp(np.asarray(offsets, np.float32), moved, x0, y0)
