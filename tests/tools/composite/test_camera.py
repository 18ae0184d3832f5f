"""Test filmed frames: positions, steadiness and dissolves."""

from __future__ import annotations

from itertools import pairwise

import cv2
import numpy as np
import pytest

from storage.domain import Box, CameraKey, VideoFormat
from tests.tools.drawings import lines
from tools.composite import Layer, Overlay
from tools.composite.camera import Backend
from tools.pixels import as_image
from tools.plates import FrameFunction, GreyFrames, Image, Motion
from tools.video.camera_path import camera_at

SCREEN = VideoFormat(width=320, height=180, fps=24)
FIELD = Box(0, 0, 640, 360)


def still(pixels: Image, box: Box = FIELD) -> Motion:
    return Motion(pixels[None], box, 1.0)


def filmed(*layers: Layer, camera: list[tuple[float, Box]], seconds: float = 2.0, **settings: float) -> FrameFunction:
    keys = [CameraKey(t=t, box=box) for t, box in camera]
    return Backend(**settings).compose(layers, keys, ease="in-out", seconds=seconds, screen=SCREEN)


def centre_of_disc(frame: Image) -> tuple[float, float]:
    ys, xs = np.mgrid[0 : frame.shape[0], 0 : frame.shape[1]]
    ink = 255.0 - frame[..., 0]
    return float((ink * (xs + 0.5)).sum() / ink.sum()), float((ink * (ys + 0.5)).sum() / ink.sum())


def disc(x: float, y: float) -> Image:
    page = np.full((360, 640, 3), 255, np.uint8)
    cv2.circle(page, (round(x * 16 - 8), round(y * 16 - 8)), 20 * 16, (0, 0, 0), -1, cv2.LINE_AA, 4)
    return page


def test_the_camera_moves_between_the_pixels_without_stepping() -> None:
    move = [(0.0, Box(100, 50, 420, 230)), (1.0, Box(130, 50, 450, 230))]
    frame = filmed(Layer(still(disc(280, 140))), camera=move)
    for t in np.linspace(0, 1, 13):
        share = t * t * (3 - 2 * t)
        x, y = centre_of_disc(frame(float(t)))
        assert x == pytest.approx(280 - (100 + 30 * share), abs=0.03)
        assert y == pytest.approx(140 - 50, abs=0.03)


def test_a_hold_is_perfectly_still() -> None:
    box = Box(100.3, 50.2, 420.3, 230.2)
    frame = filmed(Layer(still(lines(640, 360))), camera=[(0, box), (0.5, box), (1, Box(90, 40, 410, 220))])
    assert (frame(0.0) == frame(0.13)).all()
    assert (frame(0.0) == frame(0.5)).all()
    assert (frame(0.0) != frame(0.8)).any()


def test_frames_have_the_screen_s_size_and_their_colours() -> None:
    page = np.full((360, 640, 3), (200, 60, 40), np.uint8)
    frame = filmed(Layer(still(page)), camera=[(0, FIELD), (1, Box(100, 50, 420, 230))])
    for t in (0.0, 0.4, 1.0):
        seen = frame(t)
        assert seen.shape == (180, 320, 3)
        assert seen.dtype == np.uint8
        assert np.abs(seen.astype(int) - (200, 60, 40)).max() <= 2


def test_a_plate_of_another_scale_shows_the_same_place_of_the_page() -> None:
    box = Box(180, 90, 340, 180)
    once = filmed(Layer(still(disc(280, 140))), camera=[(0, box)])(0.0)
    twice = as_image(cv2.resize(disc(280, 140), (1280, 720), interpolation=cv2.INTER_CUBIC))
    assert centre_of_disc(filmed(Layer(still(twice)), camera=[(0, box)])(0.0)) == pytest.approx(
        centre_of_disc(once), abs=0.1
    )


def test_a_long_zoom_has_no_step_where_one_prepared_size_takes_over_from_the_next() -> None:
    frame = filmed(Layer(still(lines(640, 360, 3))), camera=[(0, FIELD), (1, Box(240, 135, 400, 225))])
    seen = [frame(t).astype(np.float32) for t in np.linspace(0.2, 0.8, 121)]
    steps = [float(np.abs(b - a).mean()) for a, b in pairwise(seen)]
    assert max(steps) < 2.0 * float(np.median(steps))


def test_layers_dissolve_in_at_their_start() -> None:
    dark, light = np.full((360, 640, 3), 40, np.uint8), np.full((360, 640, 3), 240, np.uint8)
    layers = [Layer(still(dark)), Layer(still(light), start=0.5, fade=0.2)]
    frame = filmed(*layers, camera=[(0, FIELD)])
    seen = [int(frame(t)[90, 160, 0]) for t in (0.0, 0.5, 0.55, 0.6, 0.65, 0.7, 1.0)]
    assert seen[0] == seen[1] == 40
    assert seen[-1] == seen[-2] == 240
    assert seen == sorted(seen)
    assert seen[3] == pytest.approx(140, abs=2)


def test_a_plate_that_moves_by_itself_plays_at_its_own_rate_and_rests_on_its_last_frame() -> None:
    frames = np.stack([np.full((90, 160, 3), 20 * (i + 1), np.uint8) for i in range(8)])
    frame = filmed(Layer(Motion(frames, FIELD, 8.0)), camera=[(0, FIELD)], seconds=2.0)
    assert [int(frame(t)[90, 160, 0]) for t in (0.0, 0.25, 0.49, 0.5, 1.0)] == [20, 100, 160, 160, 160]


def test_a_large_field_is_prepared_within_its_budget() -> None:
    frame = filmed(
        Layer(still(lines(640, 360))), camera=[(0, Box(0, 0, 64, 36)), (1, Box(576, 324, 640, 360))], budget=1.0
    )
    assert frame(0.5).shape == (180, 320, 3)


def test_screentone_does_not_shimmer_under_a_slow_pan() -> None:
    page = np.full((720, 1280, 3), 255, np.uint8)
    page[::5, ::5] = page[1::5, ::5] = page[::5, 1::5] = page[1::5, 1::5] = 0
    far = [(0.0, Box(0, 0, 1240, 697.5)), (1.0, Box(30, 10, 1270, 707.5))]
    frame = filmed(Layer(still(page, Box(0, 0, 1280, 720))), camera=far)
    tones = np.array(
        [cv2.resize(frame(t)[20:160, 20:300, 0], (14, 7), interpolation=cv2.INTER_AREA) for t in np.linspace(0, 1, 9)]
    )
    assert tones.std(axis=0).max() < 2.5


def test_an_overlay_covers_its_place_on_the_page_until_its_moment_and_is_gone_after_its_fade() -> None:
    camera = [(0.0, Box(100, 50, 420, 230)), (1.0, Box(300, 150, 620, 330))]
    red = np.dstack([np.full((40, 60), v, np.uint8) for v in (255, 0, 0, 255)])
    overlay = Overlay(red, Box(280, 120, 340, 160), until=0.5, fade=0.2)
    plain = filmed(Layer(still(lines(640, 360))), camera=camera)
    frame = filmed(Layer(still(lines(640, 360)), overlays=(overlay,)), camera=camera)
    for t in (0.0, 0.3, 0.49):
        box = camera_at([CameraKey(t=t, box=box) for t, box in camera], t, "in-out")
        x, y = box.x0, box.y0
        part = frame(t)[round(120 - y) + 2 : round(160 - y) - 2, round(280 - x) + 2 : round(340 - x) - 2]
        assert (part == (255, 0, 0)).all()
        assert (frame(t)[:, : round(280 - x) - 2] == plain(t)[:, : round(280 - x) - 2]).all()
    assert overlay.opacity(0.6) == pytest.approx(0.5)
    for t in (0.7, 0.9, 1.0):
        assert (frame(t) == plain(t)).all()


def test_an_overlay_of_a_layer_is_not_seen_before_its_layer() -> None:
    rest = [(0.0, Box(0, 0, 320, 180))]
    black, grey = np.zeros((360, 640, 3), np.uint8), np.full((360, 640, 3), 128, np.uint8)
    white = Overlay(np.full((20, 20, 4), 255, np.uint8), Box(100, 100, 120, 120), until=0.9)
    frame = filmed(Layer(still(black)), Layer(still(grey), 0.5, overlays=(white,)), camera=rest)
    assert not frame(0.4).any()
    assert (frame(0.6)[102:118, 102:118] == 255).all()
    assert (frame(0.95) == 128).all()


def test_an_overlay_changes_a_resting_picture_when_it_fades() -> None:
    rest = [(0.0, Box(0, 0, 320, 180))]
    white = Overlay(np.full((20, 20, 4), 255, np.uint8), Box(100, 100, 120, 120), until=0.5, fade=0.2)
    frame = filmed(Layer(still(np.zeros((360, 640, 3), np.uint8)), overlays=(white,)), camera=rest)
    tones = [int(frame(t)[110, 110, 0]) for t in (0.4, 0.55, 0.6, 0.65, 0.8)]
    assert tones == [255, 191, 128, 64, 0]


def test_an_overlay_beyond_the_picture_changes_nothing() -> None:
    rest = [(0.0, Box(0, 0, 320, 180))]
    far = Overlay(np.zeros((10, 10, 4), np.uint8), Box(500, 300, 510, 310), until=1.0)
    plain, frame = (filmed(Layer(still(lines(640, 360)), overlays=o), camera=rest) for o in ((), (far,)))
    assert (frame(0.0) == plain(0.0)).all()


@pytest.mark.parametrize("colour", [(1.0, 1.0, 1.0), (1.0, 0.8, 0.6)], ids=["grey", "in colour"])
def test_pictures_without_colours_are_filmed_as_tones_and_those_in_colour_are_not(
    colour: tuple[float, float, float],
) -> None:
    page = as_image(lines(640, 360) * np.array(colour, np.float32))
    frame = filmed(Layer(still(page)), camera=[(0, FIELD), (1, Box(100, 50, 420, 230))])
    assert isinstance(frame, GreyFrames) == (len(set(colour)) == 1)
    assert frame(0.5).shape == (180, 320, 3)


def test_one_picture_in_colour_makes_all_of_a_shot_rgb_and_changes_no_grey_frame() -> None:
    grey, coloured = lines(640, 360), as_image(lines(640, 360) * np.array((1.0, 0.8, 0.6), np.float32))
    cover = Overlay(np.full((40, 40, 4), (250, 246, 240, 255), np.uint8), Box(20, 20, 60, 60), 0.2)
    alone = filmed(Layer(still(grey)), camera=[(0, FIELD)])
    assert isinstance(alone, GreyFrames)
    for layers in ((Layer(still(grey)), Layer(still(coloured), start=0.5)), (Layer(still(grey), overlays=(cover,)),)):
        both = filmed(*layers, camera=[(0, FIELD)])
        assert not isinstance(both, GreyFrames)
        assert (both(0.4) == alone(0.4)).all()


def test_grey_layers_that_dissolve_and_are_covered_look_alike_as_tones_and_in_rgb() -> None:
    """A third layer in colour, which appears at the end, has all of it filmed in RGB."""
    cover = Overlay(np.full((40, 40, 4), (240, 240, 240, 200), np.uint8), Box(20.3, 20.1, 60, 60), 0.6, 0.3)
    below, above = Layer(still(lines(640, 360))), Layer(still(255 - lines(640, 360)), 0.2, 0.5, (cover,))
    move = [(0.0, FIELD), (1.0, Box(10, 5, 330, 185))]
    tones = filmed(below, above, camera=move)
    late = Layer(still(np.full((360, 640, 3), (200, 60, 40), np.uint8)), 1.0)
    rgb = filmed(below, above, late, camera=move)
    assert isinstance(tones, GreyFrames)
    assert not isinstance(rgb, GreyFrames)
    for t in np.linspace(0, 0.99, 12):
        assert (tones(float(t)) == rgb(float(t))).all()
