"""Test that upscaled plates show the page, whatever an upscaler draws, and which of their pixels are original."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Box, CameraKey, VideoFormat
from tests.tools.drawings import lines
from tools.composite import Layer, load_compositor
from tools.cutouts.double_scale import BOUND, double_plate, halve, keep_page_tones, restored_mask
from tools.measuring.fidelity import PROVENANCE_TONES, provenance_map, provenance_shares
from tools.pixels import as_image
from tools.plates import Cutout, Image, Motion, Plate
from tools.video.pixel_protection import ProtectedFrames, protection_mask

PAGE = lines(160, 120, 4)
WHOLE = Box(0, 0, 160, 120)


def doubled(picture: Image) -> Image:
    return picture.repeat(2, axis=0).repeat(2, axis=1)


def smooth_double() -> Image:
    """Return the page at twice its size, as an upscaler would draw it."""
    return keep_page_tones(as_image(cv2.resize(PAGE, (320, 240), interpolation=cv2.INTER_CUBIC)), PAGE)


def plate_of(box: Box, pixels: Image, original: int = 255) -> Plate:
    return Plate(pixels, box, np.full(pixels.shape[:2], original, np.uint8))


def test_only_what_gives_the_page_back_within_the_bound_is_restored() -> None:
    double = doubled(PAGE)
    assert (restored_mask(double, PAGE) == 255).all()
    inner = double[40:42, 60:62].astype(int)
    inner += 4 * BOUND if inner.mean() < 100 else -4 * BOUND
    double[40, 60] = np.clip(inner[0, 0], 0, 255)  # the mean of four moves by the bound
    assert (restored_mask(double, PAGE) == 255).all()
    double[41, 61] = np.clip(inner[1, 1], 0, 255)
    assert np.argwhere(restored_mask(double, PAGE) == 0).tolist() == [[20, 30]]


@pytest.mark.parametrize("seed", range(3))
def test_whatever_was_drawn_is_moved_back_to_the_page_and_what_was_faithful_stays(seed: int) -> None:
    luck = np.random.default_rng(seed)
    double = smooth_double()
    double[:100] = luck.integers(0, 256, (100, 320, 3))
    kept = keep_page_tones(double, PAGE)
    assert (restored_mask(kept, PAGE) == 255).all()
    assert np.array_equal(kept[100:], double[100:])
    assert np.abs(halve(kept) - PAGE).max() <= BOUND


def test_what_strays_moves_no_further_than_it_must() -> None:
    grey = np.full((10, 10, 3), 100, np.uint8)
    drawn = np.full((20, 20, 3), 160, np.uint8)
    assert (np.abs(keep_page_tones(drawn, grey).astype(int) - (100 + BOUND)) <= 1).all()
    paper = np.full((10, 10, 3), 255, np.uint8)
    assert (restored_mask(keep_page_tones(np.zeros((20, 20, 3), np.uint8), paper), paper) == 255).all()


def test_a_plate_within_the_page_is_the_part_of_the_upscaled_page() -> None:
    box, double = Box(10, 20, 90, 100), smooth_double()
    made = double_plate(plate_of(box, PAGE[20:100, 10:90]), PAGE, double)
    assert made.box == box
    assert np.array_equal(made.pixels, double[40:200, 20:180])
    assert (made.original == 255).all()


def test_what_was_continued_repainted_or_lies_off_the_page_is_enlarged_and_not_the_artists() -> None:
    box, double = Box(-20, -10, 100, 80), smooth_double()
    pixels = np.full((90, 120, 3), 120, np.uint8)
    pixels[10:, 20:] = PAGE[:80, :100]
    pixels[30:40, 50:70] = 7  # repainted
    original = np.zeros((90, 120), np.uint8)
    original[10:, 20:] = 255
    original[30:40, 50:70] = 0
    made = double_plate(Plate(pixels, box, original), PAGE, double)
    assert made.pixels.shape == (180, 240, 3)
    assert np.array_equal(made.original, doubled(original))
    is_own = made.original > 127
    shown = np.zeros_like(made.pixels)
    shown[20:, 40:] = double[:160, :200]
    assert np.array_equal(made.pixels[is_own], shown[is_own])
    assert (np.abs(made.pixels[64:76, 106:134].astype(int) - 7) <= 7).all()
    assert (made.pixels[:10] == 120).all()


def test_a_pixel_that_does_not_give_the_page_back_is_not_original() -> None:
    double = smooth_double()
    double[40:60, 40:60] = 255 - double[40:60, 40:60]
    made = double_plate(plate_of(WHOLE, PAGE), PAGE, double)
    assert np.array_equal(made.original, doubled(restored_mask(double, PAGE)))
    assert (made.original == 0).any()


def test_a_plate_that_misses_the_page_or_has_another_scale_needs_nothing_of_it() -> None:
    far = plate_of(Box(500, 500, 540, 530), np.full((30, 40, 3), 90, np.uint8), 0)
    made = double_plate(far, PAGE, smooth_double())
    assert made.pixels.shape == (60, 80, 3)
    assert not made.original.any()
    for odd in (Box(0.5, 0, 160.5, 120), Box(0, 0, 80, 60)):
        plate = plate_of(odd, PAGE)
        assert double_plate(plate, PAGE, smooth_double()) is plate


def plates() -> tuple[Plate, Plate]:
    """Return a plate with the page's left half as the artist's, and the same at double scale."""
    original = np.zeros((120, 160), np.uint8)
    original[:, :80] = 255
    small = Plate(PAGE, WHOLE, original)
    return small, double_plate(small, PAGE, smooth_double())


def test_the_camera_sees_both_scales_in_the_same_place() -> None:
    small, large = plates()
    keys = [CameraKey(t=0, box=WHOLE), CameraKey(t=1, box=Box(40, 30, 120, 90))]
    screen = VideoFormat(width=160, height=120, fps=12)

    def film(plate: Plate, t: float) -> Image:
        layer = Layer(Motion(plate.pixels[None], plate.box, 1.0))
        return load_compositor("camera").compose([layer], keys, ease="linear", seconds=1.0, screen=screen)(t)

    for t in (0.0, 0.5, 1.0):
        one, other = film(small, t).astype(float), film(large, t).astype(float)
        shifted = np.abs(np.roll(one, 1, axis=1) - other).mean()
        assert np.abs(one - other).mean() < 0.4 * shifted


def test_shares_and_maps_are_those_of_the_page_scale() -> None:
    small, large = plates()
    redrawn = np.zeros((120, 160), np.uint8)
    redrawn[50:70, 10:30] = 255
    cutout = Cutout(np.dstack([PAGE, np.full((120, 160), 255, np.uint8)]), WHOLE, redrawn)
    charts = [
        provenance_map(plate.original, plate.box, [cutout], revealed=1, cleaned=True, continued=True)
        for plate in (small, large)
    ]
    assert np.array_equal(doubled(charts[0]), charts[1])
    assert set(np.unique(charts[1])) == {PROVENANCE_TONES[kind] for kind in ("original", "inpainted", "generated")}
    keys = [CameraKey(t=0, box=Box(0, 0, 160, 90)), CameraKey(t=1, box=Box(40, 30, 120, 75))]
    before, after = (provenance_shares([chart], [WHOLE], [0.0], keys, "linear") for chart in charts)
    assert after == pytest.approx(before, abs=0.01)


@pytest.mark.parametrize("keeps_lines", [False, True])
def test_frames_of_a_model_are_protected_alike_at_both_scales(keeps_lines: bool) -> None:
    small, large = plates()
    frames = np.random.default_rng(5).integers(90, 200, (1, 60, 80, 3)).astype(np.uint8)
    moves = np.zeros((60, 80), np.uint8)
    moves[10:50, 10:70] = 255
    region = ((60.0, 40.0), (100.0, 40.0), (100.0, 80.0), (60.0, 80.0))
    kept = [
        ProtectedFrames(Motion(frames, WHOLE, 8.0), plate, [region], keeps_lines, None, moves)[0]
        for plate in (small, large)
    ]
    masks = [protection_mask(plate, [region], None, moves) for plate in (small, large)]
    assert np.array_equal(kept[1][80:160, 120:200], large.pixels[80:160, 120:200])
    assert np.abs(as_image(255 * masks[1])[::2, ::2].astype(int) - as_image(255 * masks[0])).mean() < 4
    assert np.abs(halve(kept[1]) - kept[0]).mean() < 6
