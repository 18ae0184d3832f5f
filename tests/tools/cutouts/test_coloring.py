"""Colours under the artist's tones: tones stay to the pixel, paper white and ink black, and lines hold colours."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from storage.domain import Balloon, Box
from tests.tools.drawings import LEFT, page, panel
from tools.cutouts.coloring import colourable_mask, lay_colours
from tools.geometry import box_polygon
from tools.pixels import to_grey
from tools.plates import Cutout, Image, Mask


def everywhere(picture: Image) -> Mask:
    return np.full(picture.shape[:2], 255, np.uint8)


def spread(picture: Image) -> np.ndarray:
    return np.asarray(picture.max(axis=2).astype(int) - picture.min(axis=2))


def plain(tone: int, shape: tuple[int, int] = (60, 80)) -> Image:
    return np.full((*shape, 3), tone, np.uint8)


@pytest.mark.parametrize("vividness", [0.4, 2.0])
def test_the_tones_are_the_artists_to_the_pixel_whatever_is_painted(vividness: float) -> None:
    luck = np.random.default_rng(1)
    noise = np.repeat(luck.integers(0, 256, (90, 120, 1), np.uint8), 3, axis=2)
    painted = luck.integers(0, 256, (90, 120, 3), np.uint8)
    painted[:45] = (250, 30, 200)
    for picture in (noise, page()):
        shown = cv2.resize(painted, picture.shape[1::-1])
        made = lay_colours(picture, np.asarray(shown, np.uint8), everywhere(picture), vividness=vividness)
        assert (to_grey(made) == to_grey(picture)).all()
        assert (spread(made) > 20).mean() > 0.1


def test_paper_and_ink_have_no_colour_and_a_grey_has_that_of_the_painting() -> None:
    for tone in (0, 10, 250, 255):
        assert (
            lay_colours(plain(tone), plain(100) + np.array((90, 0, 0), np.uint8), everywhere(plain(0))) == tone
        ).all()
    red = lay_colours(plain(130), plain(60) + np.array((120, 0, 0), np.uint8), everywhere(plain(0)))
    assert (red[..., 0] - red[..., 1].astype(int)).min() > 100


def test_vividness_scales_the_colours() -> None:
    painted = plain(100) + np.array((50, 0, 0), np.uint8)
    pale, usual, none = (
        spread(lay_colours(plain(120), painted, everywhere(painted), vividness=share)).mean() for share in (0.5, 1, 0)
    )
    assert none == 0
    assert usual == pytest.approx(50, abs=2)
    assert pale == pytest.approx(25, abs=2)


def test_what_was_painted_a_little_beside_a_line_does_not_cross_it() -> None:
    picture = plain(180, (80, 120))
    picture[:, 58:62] = 0
    painted = plain(150, (80, 120))
    painted[:, :64] = (220, 120, 60)  # two pixels too far
    made = lay_colours(picture, painted, everywhere(picture))
    assert spread(made)[:, 58:62].max() == 0
    assert spread(made)[:, :58].min() > 100
    assert spread(made)[:, 62:].max() < 40


def test_screentone_is_coloured_and_open_paper_beside_it_is_not() -> None:
    picture = plain(252, (80, 160))
    for y in range(0, 80, 5):
        for x in range(80, 160, 5):
            cv2.circle(picture, (x, y), 1, (90, 90, 90), -1, cv2.LINE_AA)
    made = lay_colours(picture, plain(60, (80, 160)) + np.array((150, 0, 0), np.uint8), everywhere(picture))
    assert (made[:, :70] == 252).all()
    assert spread(made)[:, 85:].mean() > 15


def test_balloons_stay_without_colour() -> None:
    drawn = page()
    whole = panel(LEFT).box
    part = np.ascontiguousarray(drawn[40:360, 40:280])
    cutout = Cutout(np.dstack([part, np.full(part.shape[:2], 255, np.uint8)]), whole)
    round_it = Balloon(id="b", order=0, box=Box(100, 100, 160, 140), outline=box_polygon(Box(90, 90, 170, 150)))
    bare = round_it.model_copy(update={"outline": ()})
    mask = colourable_mask(cutout, [round_it])
    assert not mask[50:110, 50:130].any()
    assert mask[:40].all()
    assert colourable_mask(cutout, [bare]).all()
