"""Test where generated frames move, and that the artist's own picture is shown everywhere else."""

from __future__ import annotations

import cv2
import numpy as np

from storage.domain import Box
from tests.conftest import draw_page
from tools.pixels import as_image
from tools.plates import Image, Mask, Motion, Plate
from tools.video.motion_mask import motion_mask
from tools.video.pixel_protection import ProtectedFrames, protection_mask

PIXELS = np.ascontiguousarray(draw_page(3)[30:190, 30:370])
BOX = Box(30, 30, 370, 190)
PLATE = Plate(PIXELS, BOX, np.full(PIXELS.shape[:2], 255, np.uint8))


def likeness(pixels: Image, at: int) -> Image:
    """Return the picture as a model gives it back: softer, with different grain on every frame."""
    luck = np.random.default_rng(at)
    soft = cv2.GaussianBlur(pixels, (0, 0), 0.7).astype(np.float32)
    grain = cv2.GaussianBlur(luck.normal(0, 6, pixels.shape).astype(np.float32), (0, 0), 1.0)
    return as_image(soft + grain + at)


def found(*frames: Image) -> Mask:
    return motion_mask(Motion(np.stack(frames), BOX, 8.0), PLATE)


def test_a_likeness_that_stands_still_stirs_nowhere_and_the_plate_itself_is_shown() -> None:
    frames = [likeness(PIXELS, at) for at in range(5)]
    stirs = found(*frames)
    assert (stirs > 0).mean() < 0.01
    kept = ProtectedFrames(Motion(np.stack(frames), BOX, 8.0), PLATE, (), motion_mask=found(PIXELS, PIXELS))
    assert (kept[4] == PIXELS).all()


def test_only_the_part_that_moves_is_the_models() -> None:
    frames = [PIXELS.copy() for _ in range(5)]
    for at, frame in enumerate(frames):
        frame[60:150, 180:260] = np.roll(PIXELS[60:150, 180:260], 2 * at, axis=1)
    stirs = found(*[likeness(frame, at) for at, frame in enumerate(frames)])
    assert (stirs[90:145, 195:240] > 0).mean() > 0.7
    assert not stirs[:, :160].any()
    assert not stirs[:, 280:].any(), "what stands still there is drawn, too"
    alpha = protection_mask(PLATE, (), stirs=stirs)
    shown = ProtectedFrames(Motion(np.stack(frames), BOX, 8.0), PLATE, (), motion_mask=stirs)[3]
    assert (alpha[:, :150] == 1).all()
    assert (shown[alpha == 1] == PIXELS[alpha == 1]).all()
    assert (shown[alpha == 0] != PIXELS[alpha == 0]).any()


def test_another_picture_that_stands_still_is_the_models() -> None:
    other = np.ascontiguousarray(draw_page(8)[30:190, 30:370])
    differs = np.abs(other.astype(int) - PIXELS).max(axis=2) > 60
    assert (found(other, other)[differs] > 0).mean() > 0.8
