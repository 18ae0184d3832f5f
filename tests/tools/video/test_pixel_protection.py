"""Test that lettering stays exactly as drawn over generated frames, and that colours do not drift."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tools.geometry import box_polygon
from tools.plates import Image, Motion, Plate
from tools.video.pixel_protection import FEATHER, ProtectedFrames, region_mask

BOX = Box(10, 20, 170, 120)
BALLOON = box_polygon(Box(40, 40, 80, 70))


def plate(seed: int = 1, *, grey: bool = True) -> Plate:
    luck = np.random.default_rng(seed)
    pixels = luck.integers(0, 255, (100, 160, 1 if grey else 3)).astype(np.uint8)
    pixels = np.repeat(pixels, 3, axis=2) if grey else pixels
    return Plate(np.ascontiguousarray(pixels), BOX, np.full((100, 160), 255, np.uint8))


def frames(count: int = 4, size: tuple[int, int] = (100, 160)) -> Image:
    luck = np.random.default_rng(9)
    return luck.integers(0, 255, (count, *size, 3)).astype(np.uint8)


def test_a_balloon_is_the_source_pixel_for_pixel_on_every_frame() -> None:
    given = plate()
    kept = ProtectedFrames(Motion(frames(), BOX, 8.0), given, [BALLOON])
    for at in range(len(kept)):
        assert np.array_equal(kept[at][20:50, 30:70], given.pixels[20:50, 30:70])
        assert not np.array_equal(kept[at][60:, 80:], given.pixels[60:, 80:])


def test_the_fade_lies_outside_the_region_and_ends_within_the_feather() -> None:
    alpha = region_mask([BALLOON], BOX, (320, 200))  # two pixels a page pixel
    assert (alpha[41:99, 61:139] == 1).all()
    edge = alpha[70, 140:]
    assert (np.diff(edge) <= 0).all()
    assert 0 < edge[int(FEATHER)] < 1
    assert not edge[int(2 * FEATHER) + 4 :].any()
    assert not region_mask([], BOX, (320, 200)).any()


def test_the_artists_lines_are_found_alike_on_a_plate_of_two_pixels_a_page_pixel() -> None:
    pixels = np.full((100, 160, 3), 230, np.uint8)
    pixels[:, 40:48] = pixels[60:72] = 20
    small = Plate(pixels, BOX, np.full((100, 160), 255, np.uint8))
    large = Plate(pixels.repeat(2, axis=0).repeat(2, axis=1), BOX, np.full((200, 320), 255, np.uint8))
    flat = Motion(np.full((1, 100, 160, 3), 150, np.uint8), BOX, 8.0)
    one, other = (ProtectedFrames(flat, given, [], keeps_lines=True)[0].astype(int) for given in (small, large))
    assert one[:, 44].mean() < 60, "the line is laid over the frame"
    assert np.abs(other.reshape(100, 2, 160, 2, 3).mean(axis=(1, 3)) - one).max() < 9


def test_frames_of_another_size_come_out_at_the_plates() -> None:
    given = plate()
    kept = ProtectedFrames(Motion(frames(2, (48, 80)), BOX, 8.0), given, [BALLOON])
    assert kept[0].shape == given.pixels.shape
    assert np.array_equal(kept[1][20:50, 30:70], given.pixels[20:50, 30:70])


@pytest.mark.parametrize("grey", [True, False])
def test_colours_that_drift_are_brought_back_to_the_panels(grey: bool) -> None:
    given = plate(grey=grey)
    tinted = np.stack([np.clip(given.pixels * 0.8 + (at * 6, at * 3, 0), 0, 255) for at in range(6)]).astype(np.uint8)
    kept = ProtectedFrames(Motion(tinted, BOX, 8.0), given, [])
    wanted = given.pixels.reshape(-1, 3).mean(axis=0)
    off = [np.abs(kept[at].reshape(-1, 3).mean(axis=0) - wanted).max() for at in range(6)]
    assert max(off) < 3
    assert np.abs(tinted[5].reshape(-1, 3).mean(axis=0) - wanted).max() > 10
    if grey:
        assert all(np.ptp(kept[at], axis=2).max() == 0 for at in range(6))


def test_the_artists_ink_lies_on_top_where_asked() -> None:
    given = plate()
    given.pixels[:] = 230
    given.pixels[48:52, 20:140] = 10
    moving = Motion(np.full((2, 100, 160, 3), 225, np.uint8), BOX, 8.0)
    without, over = ProtectedFrames(moving, given, []), ProtectedFrames(moving, given, [], keeps_lines=True)
    assert without[0][50, 80].min() > 150
    assert over[0][50, 80].max() < 40
    assert np.array_equal(over[0][80:], without[0][80:])


def test_what_has_not_appeared_yet_lies_over_the_frames_of_the_whole_picture() -> None:
    whole, moving = plate(), Motion(frames(2), BOX, 8.0)
    early = whole.pixels.copy()
    early[:, 80:] = 40
    before = Plate(early, BOX, np.where(np.arange(160) < 80, whole.original, 0).astype(np.uint8))
    kept = ProtectedFrames(moving, before, [BALLOON], under=whole)
    later = ProtectedFrames(moving, whole, [BALLOON])
    assert (kept[1][:, 80:] == 40).all()
    assert (kept[1][:, :80] == later[1][:, :80]).all(), "the same clip, in the same colours"
