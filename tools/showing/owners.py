"""A plate and the map of whose its pixels are in, a picture to look at out: what is not the artist's is tinted."""

from __future__ import annotations

import cv2
import numpy as np

from tools.measuring.fidelity import TONES
from tools.pixels import as_image
from tools.plates import Image, Mask

TINTS = {"continued": (70, 140, 235), "inpainted": (245, 160, 30), "generated": (225, 40, 60)}
"""Made by image work; painted by a model within the panel; drawn by a model beyond it, or where something stirs."""
_SHARE = 0.5
_BAND = 28


def owners(plate: Image, chart: Mask) -> Image:
    """The plate (h, w, 3) under its map (h, w), with a band below that names the tints it shows and their shares."""
    made = plate.astype(np.float32)
    shown = []
    for name, tint in TINTS.items():
        there = chart == TONES[name]
        if there.any():
            made[there] = made[there] * (1 - _SHARE) + np.array(tint, np.float32) * _SHARE
            shown.append((name, tint, float(there.mean())))
    return np.vstack([as_image(made), _legend(plate.shape[1], shown, float((chart == TONES["original"]).mean()))])


def _legend(width: int, shown: list[tuple[str, tuple[int, int, int], float]], own: float) -> Image:
    band = np.full((_BAND * (len(shown) + 1), width, 3), 255, np.uint8)
    for row, (name, tint, share) in enumerate([("original", (255, 255, 255), own), *shown]):
        top = row * _BAND
        cv2.rectangle(band, (8, top + 6), (24, top + 22), tint, -1)
        cv2.rectangle(band, (8, top + 6), (24, top + 22), (90, 90, 90), 1)
        cv2.putText(
            band, f"{name} {share:.0%}", (32, top + 20), cv2.FONT_HERSHEY_SIMPLEX, 0.5, (30, 30, 30), 1, cv2.LINE_AA
        )
    return band
