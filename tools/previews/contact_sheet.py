"""Lay out rows of pictures with captions on one contact sheet."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from tools.plates import Image

GAP, LINE = 8, 26
"""Pixels between pictures, and the height of a caption."""
GROUND, INK = (24, 24, 26), (235, 235, 235)


def lay_out_sheet(rows: Sequence[tuple[str, Sequence[Image]]]) -> Image:
    """Lay out rows of pictures, each below its caption.

    Args:
        rows: Captions with their pictures, (h, w, 3) RGB uint8; a row without pictures is left out.

    Returns:
        The sheet, (h, w, 3) RGB uint8.

    Raises:
        ValueError: There is no picture at all.
    """
    strips = [_draw_row(caption, pictures) for caption, pictures in rows if pictures]
    if not strips:
        raise ValueError("there is no picture")
    width, height = max(strip.shape[1] for strip in strips), sum(strip.shape[0] + GAP for strip in strips)
    sheet = np.full((height, width, 3), GROUND, np.uint8)
    top = 0
    for strip in strips:
        sheet[top : top + strip.shape[0], : strip.shape[1]] = strip
        top += strip.shape[0] + GAP
    return sheet


def _draw_row(caption: str, pictures: Sequence[Image]) -> Image:
    height, width = max(one.shape[0] for one in pictures), sum(one.shape[1] + GAP for one in pictures) + GAP
    row = np.full((height + LINE, width, 3), GROUND, np.uint8)
    cv2.putText(row, caption, (GAP, LINE - 9), cv2.FONT_HERSHEY_SIMPLEX, 0.48, INK, 1, cv2.LINE_AA)
    left = GAP
    for picture in pictures:
        row[LINE : LINE + picture.shape[0], left : left + picture.shape[1]] = picture
        left += picture.shape[1] + GAP
    return row
