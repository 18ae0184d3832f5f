"""Test key pictures: another panel in the place of one, and what changed on a plate."""

from __future__ import annotations

import numpy as np

from storage.domain import Balloon, Box
from tools.cutouts.posed_plates import lay_panel, pose_plate
from tools.plates import Cutout, Plate


def cutout(tone: int, width: int = 60, height: int = 40) -> Cutout:
    pixels = np.full((height, width, 4), tone, np.uint8)
    pixels[..., 3] = 255
    return Cutout(pixels, Box(10, 20, 10 + width, 20 + height))


def test_another_panel_fills_the_place_and_balloons_stay() -> None:
    own = cutout(50)
    own.pixels[:5, :, 3] = 0
    balloon = Balloon(id="b", order=0, box=Box(20, 40, 40, 50), outline=(), kind="speech")
    laid = lay_panel(own, cutout(200, 30, 30), [balloon])
    assert (laid[..., 3] == own.pixels[..., 3]).all()
    assert (laid[:5, :, :3] == 50).all()
    assert (laid[22:28, 12:28, :3] == 50).all()
    assert (laid[7:12, :, :3] == 200).all()
    assert laid.shape == (40, 60, 4)


def test_only_what_changed_is_laid_on_the_plate() -> None:
    plate = Plate(np.full((100, 120, 3), 9, np.uint8), Box(0, 0, 120, 100), np.zeros((100, 120), np.uint8))
    before = cutout(50)
    after = Cutout(before.pixels.copy(), before.box)
    after.pixels[10:20, 10:20, :3] = 77
    posed = pose_plate(plate, [(before, after)])
    assert (posed[30:40, 20:30] == 77).all()
    changed = (posed != plate.pixels).any(axis=2)
    assert changed.sum() == 100
    double = Plate(plate.pixels.repeat(2, 0).repeat(2, 1), plate.box, plate.original.repeat(2, 0).repeat(2, 1))
    twice = (pose_plate(double, [(before, after)]) == 77).all(axis=2)
    assert twice[62:78, 42:58].all()
    assert twice.sum() <= 400
