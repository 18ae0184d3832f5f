"""Measure how well DIFT features of a checkpoint find the same points of a drawing that was turned, as PCK.

`python -m benchmarks.correspondence [MODEL]` needs the weights of a Stable Diffusion XL checkpoint.
"""

from __future__ import annotations

import sys

import cv2
import numpy as np

from benchmarks import books
from storage.errors import KomadoriError
from tools.diffusion import dift
from tools.diffusion.inpainters import Painter
from tools.measuring.correspondence import correct_keypoints
from tools.outpaint import sdxl_inpaint
from tools.pixels import as_image

TURNS = (5.0, 10.0, 20.0)
"""Degrees by which the drawing is turned."""
MOST_POINTS = 60


def main(words: list[str]) -> int:
    """Print the PCK at .1 for each turn. Return 1 if the weights are not here."""
    try:
        painter = (sdxl_inpaint.Backend(model=words[0]) if words else sdxl_inpaint.Backend()).painter
        for degrees in TURNS:
            print(f"turned by {degrees:4.0f} degrees: PCK@.1 {turned_pck(painter, degrees):.2f}", flush=True)
    except KomadoriError as error:
        print(f"error: {error.what}\nhint: {error.hint}", file=sys.stderr)
        return 1
    return 0


def turned_pck(painter: Painter, degrees: float) -> float:
    """Return the share of corners of a drawn panel that are found again after it was turned."""
    picture = np.ascontiguousarray(books.page(1)[40:400, 40:790])
    height, width = picture.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), degrees, 0.9)
    turned = as_image(cv2.warpAffine(picture, turn, (width, height), borderValue=(255, 255, 255)))
    corners = cv2.goodFeaturesToTrack(cv2.cvtColor(picture, cv2.COLOR_RGB2GRAY), MOST_POINTS, 0.01, 12).reshape(-1, 2)
    moved = corners @ turn[:, :2].T + turn[:, 2]
    inside = ((moved >= 0) & (moved < (width, height))).all(axis=1)
    found = dift.match_points(painter, picture, turned, [(float(x), float(y)) for x, y in corners[inside]])
    return correct_keypoints(found, [(float(x), float(y)) for x, y in moved[inside]], (width, height))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
