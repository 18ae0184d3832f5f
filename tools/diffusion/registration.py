"""Move a picture that a model drew anew so that it lies over the picture that it was drawn from.

Editing models redraw the whole picture, often a little larger or shifted, and their lines then miss the artist's at the
edge of what was painted. The movement is found by the enhanced correlation coefficient (Evangelidis and Psarakis 2008),
first at a small size, and used only where the kept part comes to lie clearly nearer.
"""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.pixels import to_grey
from tools.plates import Image, Mask

WIDTHS = (256, 1024)
"""Widths in pixels at which the movement is looked for, one after the other."""
BLUR = 2.0
"""Standard deviation in pixels of the blur before pictures are compared: thin lines must overlap to be compared."""
MOST = 0.08
"""The largest movement that is believed, as a share of the picture's sides."""
BETTER = 0.9
"""The difference to the kept part must fall to this share of what it was."""
_Matrix = NDArray[np.float32]


def register(painted: Image, picture: Image, kept: Mask) -> Image:
    """Return `painted` moved over `picture`, or as it is where that brings the kept part no nearer.

    Args:
        painted: What the model drew, (h, w, 3) RGB uint8.
        picture: What it drew from, of the same shape.
        kept: 255 where the two should show the same, (h, w).

    Returns:
        The moved picture; its edges are repeated where nothing was drawn.
    """
    matrix = _find_movement(to_grey(painted), to_grey(picture), kept)
    if matrix is None:
        return painted
    height, width = kept.shape
    moved = cv2.warpAffine(
        painted, matrix, (width, height), flags=cv2.INTER_CUBIC | cv2.WARP_INVERSE_MAP, borderMode=cv2.BORDER_REPLICATE
    )
    before, after = (_difference(one, picture, kept) for one in (painted, np.asarray(moved, np.uint8)))
    return np.asarray(moved, np.uint8) if after < BETTER * before else painted


def _find_movement(painted: Mask, picture: Mask, kept: Mask) -> _Matrix | None:
    """Return the affine matrix from places in `picture` to places in `painted`; None if none is found or believed."""
    height, width = kept.shape
    matrix: _Matrix = np.eye(2, 3, dtype=np.float32)
    for wanted in sorted({min(width, one) for one in WIDTHS}):
        size = wanted, max(1, round(height * wanted / width))
        scaled = [cv2.resize(one, size, interpolation=cv2.INTER_AREA) for one in (picture, painted, kept)]
        there, here = (cv2.GaussianBlur(one, (0, 0), BLUR).astype(np.float32) for one in scaled[:2])
        # what is not kept weighs nothing: both show its mean there
        counted = scaled[2] > 127
        if not counted.any():
            return None
        there[~counted] = there[counted].mean()
        scale = np.array([[1, 1, wanted / width]], np.float32)
        try:
            _, found = cv2.findTransformECC(
                there, here, matrix * scale, cv2.MOTION_AFFINE,
                (cv2.TERM_CRITERIA_EPS | cv2.TERM_CRITERIA_COUNT, 60, 1e-5), scaled[2],
            )  # fmt: skip
        except cv2.error:  # it does not converge
            return None
        matrix = np.asarray(found, np.float32) / scale
    corners = np.array([(0, 0, 1), (width, 0, 1), (0, height, 1), (width, height, 1)], np.float32)
    moved = corners @ matrix.T - corners[:, :2]
    return matrix if (np.abs(moved) <= MOST * np.array([width, height])).all() else None


def _difference(one: Image, other: Image, kept: Mask) -> float:
    """Return the mean difference of two pictures in the kept part, 0..255."""
    blurred = (cv2.GaussianBlur(to_grey(image), (0, 0), 1.0).astype(np.float32) for image in (one, other))
    return float(np.abs(np.subtract(*blurred))[kept > 127].mean())
