"""Test how a page looks around a panel: what is read stays as it is, what comes later is dimmed."""

from __future__ import annotations

import numpy as np

from storage.domain import Box
from tools.cutouts.page_ground import BLUR, cut_page
from tools.geometry import box_polygon

HERE, LATER = Box(320, 40, 560, 360), Box(40, 40, 300, 360)


def page() -> np.ndarray:
    """Return a page of 600 x 400 pixels with noise on it, so that each pixel is known by its tone."""
    return np.random.default_rng(7).integers(0, 256, (400, 600, 3), dtype=np.uint8)


def test_what_is_lit_and_the_paper_between_are_the_page_s_own_pixels() -> None:
    drawn = page()
    cutout = cut_page(drawn, Box(0, 0, 600, 400), lit=[box_polygon(HERE)], unlit=[box_polygon(LATER)])
    assert cutout.box == Box(0, 0, 600, 400)
    assert (cutout.pixels[..., 3] == 255).all()
    assert (cutout.pixels[40:360, 320:560, :3] == drawn[40:360, 320:560]).all()
    assert (cutout.pixels[:30, :, :3] == drawn[:30]).all()
    assert cutout.redrawn is not None
    assert not cutout.redrawn[:, 310:].any()


def test_what_comes_later_is_dark_and_its_letters_are_blurred() -> None:
    drawn = np.full((400, 600, 3), 255, np.uint8)
    drawn[100:300:8, 100:260] = 0  # strokes of letters, four pixels apart
    cutout = cut_page(drawn, Box(0, 0, 600, 400), lit=[box_polygon(HERE)], unlit=[box_polygon(LATER)], dim=0.25)
    inside = cutout.pixels[120:280, 120:240, 0].astype(int)
    assert inside.max() <= 64
    assert inside.max() - inside.min() < 0.25 * 0.15 * 255
    assert cutout.redrawn is not None
    assert (cutout.redrawn[40:360, 40:300] == 255).all()


def test_a_balloon_of_the_shown_panel_stays_lit_over_a_later_one() -> None:
    drawn = page()
    balloon = box_polygon(Box(270, 100, 350, 180))
    cutout = cut_page(drawn, Box(0, 0, 600, 400), lit=[box_polygon(HERE), balloon], unlit=[box_polygon(LATER)])
    assert (cutout.pixels[101:179, 271:349, :3] == drawn[101:179, 271:349]).all()


def test_only_what_the_camera_sees_of_the_page_is_cut() -> None:
    drawn = page()
    cutout = cut_page(drawn, Box(500, -60, 700, 80), lit=[], unlit=[])
    assert cutout.box == Box(500, 0, 600, 80)
    assert (cutout.pixels[..., :3] == drawn[:80, 500:]).all()
    assert cutout.redrawn is None


def test_a_camera_past_the_page_still_gets_a_picture() -> None:
    assert cut_page(page(), Box(700, 500, 900, 600), lit=[], unlit=[]).pixels.shape == (1, 1, 4)


def test_the_blur_hides_letters_of_any_usual_size() -> None:
    assert 600 * BLUR > 4
