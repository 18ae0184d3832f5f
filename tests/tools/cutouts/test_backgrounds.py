"""Test extended plates: the artist's pixels are unchanged, and the background suits them."""

from __future__ import annotations

import numpy as np
import pytest

from storage.domain import Box
from tests.tools.drawings import lines
from tools.cutouts.backgrounds import hide_later_panels
from tools.outpaint.extend import Backend
from tools.plates import Cutout, Image, Plate

FIELD = (-300.0, -20.0, 500.0, 430.0)


def cutout(pixels: Image, x: int = 0, y: int = 0) -> Cutout:
    height, width = pixels.shape[:2]
    return Cutout(np.dstack([pixels, np.full((height, width), 255, np.uint8)]), Box(x, y, x + width, y + height))


def extended(*cutouts: Cutout, fill: str = "auto", revealed: int = 1, field: tuple[float, ...] = FIELD) -> Plate:
    return Backend().outpaint(cutouts, field, revealed=revealed, fill=fill, prompt="", references=(), seed=0)  # type: ignore[arg-type]


@pytest.mark.parametrize("fill", ["auto", "tone", "blur", "paper"])
def test_the_artist_s_pixels_stay_as_they_are_and_are_marked(fill: str) -> None:
    art = lines(200, 400)
    plate = extended(cutout(art), fill=fill)
    assert plate.pixels.shape == (450, 800, 3)
    assert plate.box == Box(*FIELD)
    assert (plate.pixels[20:420, 300:500] == art).all()
    assert plate.original.sum() // 255 == 200 * 400
    assert (plate.original[20:420, 300:500] == 255).all()


@pytest.mark.parametrize("tone", [255, 0, 140])
def test_an_even_border_is_simply_continued(tone: int) -> None:
    art = np.full((400, 200, 3), tone, np.uint8)
    art[100:300, 60:140] = lines(80, 200)
    plate = extended(cutout(art))
    outside = plate.pixels[plate.original == 0].astype(int)
    assert np.abs(outside - tone).max() <= 3


def test_flat_screentone_continues_as_its_mean_tone() -> None:
    art = np.full((400, 200, 3), 255, np.uint8)
    art[::4, ::4] = art[2::4, 2::4] = 0
    outside = extended(cutout(art)).pixels[:, :200]
    assert outside.mean() == pytest.approx(art.mean(), abs=6)
    assert outside.std() < 4


def test_a_busy_border_gets_a_ground_quieter_and_darker_than_the_picture() -> None:
    art = lines(200, 400)
    plate = extended(cutout(art))
    outside = plate.pixels[plate.original == 0]
    assert outside.mean() < 0.6 * art.mean()
    far = plate.pixels[:, :250, 0].astype(float)
    assert np.abs(np.diff(far, axis=1)).max() <= 6, "the ground shows edges of its own"


def test_panels_still_to_come_are_only_a_hint_and_the_ground_stays_when_they_appear() -> None:
    first, second = cutout(lines(200, 300, 1), 0, 0), cutout(lines(200, 300, 2), 220, 0)
    field = (-100.0, -50.0, 520.0, 350.0)
    before, after = extended(first, second, field=field), extended(first, second, revealed=2, field=field)
    hint, shown = before.pixels[50:350, 320:520], after.pixels[50:350, 320:520]
    assert hint.std() < 0.35 * shown.std()
    assert (before.original[50:350, 320:520] == 0).all()
    assert (after.original[50:350, 320:520] == 255).all()
    assert (before.pixels[:, :60] == after.pixels[:, :60]).all()


def test_a_field_that_cuts_through_the_panel_or_misses_the_page_is_filled_all_the_same() -> None:
    plate = extended(cutout(lines(200, 400), 100, 100), field=(150.5, 50.0, 250.0, 180.0))
    assert plate.box == Box(150, 50, 250, 180)
    assert plate.pixels.shape == (130, 100, 3)
    assert (plate.original[50:, :] == 255).all()
    away = extended(cutout(lines(200, 400)), field=(900.0, 900.0, 1100.0, 1000.0))
    assert not away.original.any()


def test_the_same_panel_gives_the_same_plate() -> None:
    assert (extended(cutout(lines(90, 160))).pixels == extended(cutout(lines(90, 160))).pixels).all()


def test_what_was_painted_into_a_cutout_is_not_the_artists() -> None:
    art = lines(200, 400)
    redrawn = np.zeros((400, 200), np.uint8)
    redrawn[50:90, 60:160] = 255
    given = cutout(art)
    plate = extended(Cutout(given.pixels, given.box, redrawn))
    assert (plate.pixels[20:420, 300:500] == art).all()
    assert (plate.original[20:420, 300:500] == 255 - redrawn).all()


def test_a_panel_that_is_awaited_leaves_its_neighbours_and_the_ground_as_they_are() -> None:
    one, other = cutout(lines(200, 400)), cutout(lines(120, 300), x=240)
    whole = extended(one, other, revealed=2)
    before = hide_later_panels(whole, [one, other], revealed=1)
    hidden = before.pixels[20:320, 540:660]
    assert (hidden != whole.pixels[20:320, 540:660]).any()
    assert not before.original[20:320, 540:660].any()
    for side in (slice(0, 540), slice(660, 800)):
        assert (before.pixels[:, side] == whole.pixels[:, side]).all()
        assert (before.original[:, side] == whole.original[:, side]).all()
    assert hide_later_panels(whole, [one, other], revealed=2) is whole
