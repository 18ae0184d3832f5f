"""Draw a plate with every pixel tinted that is not the artist's, and a legend."""

from __future__ import annotations

from collections.abc import Mapping

import cv2
import numpy as np

from tools.measuring.fidelity import PROVENANCE_TONES
from tools.pixels import as_image
from tools.plates import Image, Mask

TINTS = {"continued": (70, 140, 235), "inpainted": (245, 160, 30), "generated": (225, 40, 60)}
"""The colour of each kind of pixel that is not the artist's, by the names of `tools.measuring.fidelity.TONES`."""
_TINT_SHARE = 0.5
_ROW_PIXELS = 28


def draw_provenance(plate: Image, chart: Mask, shares: Mapping[str, float]) -> Image:
    """Draw a plate with its provenance map as tints, and a legend with the shares of the shot.

    Args:
        plate: (h, w, 3) RGB uint8.
        chart: The provenance map, (h, w) uint8.
        shares: Shares of 0..1 by kind.

    Returns:
        The picture with the legend below, RGB uint8.
    """
    tinted = plate.astype(np.float32)
    for name, tint in TINTS.items():
        is_kind = chart == PROVENANCE_TONES[name]
        tinted[is_kind] = tinted[is_kind] * (1 - _TINT_SHARE) + np.array(tint, np.float32) * _TINT_SHARE
    return np.vstack([as_image(tinted), _draw_legend(plate.shape[1], shares)])


def _draw_legend(width: int, shares: Mapping[str, float]) -> Image:
    tints = {"original": (255, 255, 255), **TINTS}
    entries = [
        (name, tint, shares[name]) for name, tint in tints.items() if name == "original" or shares[name] >= 0.005
    ]
    band = np.full((_ROW_PIXELS * len(entries), width, 3), 255, np.uint8)
    for row, (name, tint, share) in enumerate(entries):
        top = row * _ROW_PIXELS
        cv2.rectangle(band, (8, top + 6), (24, top + 22), tint, -1)
        cv2.rectangle(band, (8, top + 6), (24, top + 22), (90, 90, 90), 1)
        cv2.putText(
            band, f"{name} {share:.0%}", (32, top + 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (30, 30, 30), 1, cv2.LINE_AA
        )
    return band
