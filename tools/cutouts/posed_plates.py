"""Draw the key pictures of a shot: another panel in the place of its own, and what changed laid on its plate."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from storage.domain import Balloon
from tools.cutouts.cutting import editable_mask
from tools.pixels import as_image
from tools.plates import Cutout, Image, Plate


def lay_panel(own: Cutout, other: Cutout, balloons: Sequence[Balloon]) -> Image:
    """Return the picture of a cutout with another panel in its place; its own balloons and lettering stay.

    The other panel is enlarged about its middle until it fills the place; what is beyond is cut off.

    Args:
        own: The cutout of the shot's panel.
        other: The cutout of the other panel.
        balloons: The balloons of the shot's panel.

    Returns:
        (h, w, 4) RGBA uint8, with the alpha of `own`.
    """
    height, width = own.pixels.shape[:2]
    other_height, other_width = other.pixels.shape[:2]
    scale = max(width / other_width, height / other_height)
    shift = [(width - other_width * scale) / 2, (height - other_height * scale) / 2]
    matrix = np.array([[scale, 0, shift[0] + (scale - 1) / 2], [0, scale, shift[1] + (scale - 1) / 2]])
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_CUBIC
    filled = cv2.warpAffine(other.pixels, matrix, (width, height), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    shown = (editable_mask(own, balloons, None) > 0) & (filled[..., 3] > 127)
    colour = np.where(shown[..., None], filled[..., :3], own.pixels[..., :3])
    return np.dstack([colour, own.pixels[..., 3]])


def pose_plate(plate: Plate, poses: Sequence[tuple[Cutout, Cutout]]) -> Image:
    """Return a plate on which cutouts show a pose, (h, w, 3) RGB uint8.

    Args:
        plate: The plate.
        poses: Each cutout as it is on the plate, and in the pose; both have the same box.
    """
    posed = plate.pixels.copy()
    scale = posed.shape[1] / plate.box.width
    for before, after in poses:
        changed = (before.pixels[..., :3] != after.pixels[..., :3]).any(axis=2) & (before.pixels[..., 3] > 127)
        matrix = np.array(
            [
                [scale, 0, (before.box.x0 - plate.box.x0) * scale + (scale - 1) / 2],
                [0, scale, (before.box.y0 - plate.box.y0) * scale + (scale - 1) / 2],
            ]
        )
        size = posed.shape[1], posed.shape[0]
        place = cv2.warpAffine(as_image(changed * 255), matrix, size, flags=cv2.INTER_NEAREST) > 0
        drawn = cv2.warpAffine(np.ascontiguousarray(after.pixels[..., :3]), matrix, size, flags=cv2.INTER_LINEAR)
        posed = np.where(place[..., None], drawn, posed)
    return posed
