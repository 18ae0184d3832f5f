"""Test that letters are covered with the paper of their balloon, and only where that paper is plain."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box, Polygon
from tools.cutouts.hidden_letters import cover_letters

PAGE = Box(100, 50, 500, 350)
"""The part of the page that the plate shows."""


def outline(center: tuple[float, float] = (300, 200), radii: tuple[float, float] = (90, 70)) -> Polygon:
    """Return an oval in page pixels."""
    angles = np.linspace(0, 2 * np.pi, 60, endpoint=False)
    return tuple((float(center[0] + radii[0] * np.cos(a)), float(center[1] + radii[1] * np.sin(a))) for a in angles)


def plate(paper: int = 255, *, scale: int = 1, letters: bool = True) -> np.ndarray:
    """Return a grey plate with a balloon of `paper` and strokes in it."""
    picture = np.full((300 * scale, 400 * scale, 3), 120, np.uint8)
    center = 200 * scale, 150 * scale
    cv2.ellipse(picture, center, (92 * scale, 72 * scale), 0, 0, 360, (0, 0, 0), -1)
    cv2.ellipse(picture, center, (90 * scale, 70 * scale), 0, 0, 360, (paper,) * 3, -1)
    if letters:
        for x in range(160, 240, 20):
            cv2.line(picture, (x * scale, 120 * scale), (x * scale, 180 * scale), (255 - paper,) * 3, 5 * scale)
    return picture


def covered(picture: np.ndarray, cover: tuple[np.ndarray, Box]) -> np.ndarray:
    """Return the picture with the cover laid over it."""
    pixels, place = cover
    scale = picture.shape[1] / PAGE.width
    x, y = round((place.x0 - PAGE.x0) * scale), round((place.y0 - PAGE.y0) * scale)
    result = picture.copy()
    part = result[y : y + pixels.shape[0], x : x + pixels.shape[1]]
    share = pixels[..., 3:].astype(float) / 255
    part[:] = np.round(part * (1 - share) + pixels[..., :3] * share).astype(np.uint8)
    return result


@pytest.mark.parametrize("scale", [1, 2])
@pytest.mark.parametrize("paper", [255, 235, 0])
def test_nothing_is_left_of_the_letters_and_all_else_stays(paper: int, scale: int) -> None:
    picture = plate(paper, scale=scale)
    cover = cover_letters(picture, PAGE, outline())
    assert cover is not None
    result = covered(picture, cover)
    assert np.abs(result.astype(int) - plate(paper, scale=scale, letters=False)).max() <= 2


@pytest.mark.parametrize("fault", ["tone", "picture", "line", "empty", "cropped", "no outline"])
def test_letters_on_anything_but_plain_paper_stay(fault: str) -> None:
    picture = plate(letters=fault != "empty")
    shape = outline()
    if fault == "tone":
        picture[80:220:3, 110:290:3] = 150
    elif fault == "picture":
        picture[100:200, 90:190] = np.random.default_rng(1).integers(0, 255, (100, 100, 3))
    elif fault == "line":
        cv2.line(picture, (100, 100), (300, 200), (0, 0, 0), 14)
    elif fault == "cropped":
        shape = outline((480, 200))
    elif fault == "no outline":
        shape = ()
    assert cover_letters(picture, PAGE, shape) is None
