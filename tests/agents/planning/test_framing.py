"""Test camera boxes: they have the screen's aspect, hold what they must, and are centred where they should be."""

from __future__ import annotations

import math

import pytest

from agents.planning import framing
from storage.domain import Box, VideoFormat

ASPECTS = (16 / 9, 9 / 16, 1.0, 0.8)
PANEL = Box(100, 200, 500, 420)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_every_frame_has_the_aspect_of_the_screen(aspect: float) -> None:
    frames = [
        framing.fit_box(PANEL, aspect, 0.05),
        framing.cover_box(PANEL, aspect),
        framing.fit_around((150, 210), PANEL, aspect, 0.1),
        framing.center_box((0, 0), 320, aspect),
    ]
    assert [frame.aspect for frame in frames] == pytest.approx([aspect] * 4)


@pytest.mark.parametrize("aspect", ASPECTS)
def test_a_fit_holds_the_panel_and_a_cover_lies_in_it(aspect: float) -> None:
    assert framing.holds(framing.fit_box(PANEL, aspect), PANEL)
    assert framing.holds(PANEL, framing.cover_box(PANEL, aspect))


def test_a_view_moves_no_further_than_it_takes_to_hold_a_balloon() -> None:
    view = Box(0, 0, 160, 90)
    assert framing.shift_to_hold(view, Box(150, 10, 180, 40)) == Box(20, 0, 180, 90)
    assert framing.shift_to_hold(view, Box(10, 10, 20, 20)) == view
    assert framing.shift_to_hold(view, Box(-100, 0, 300, 50)).center[0] == 100


def test_what_is_zoomed_at_keeps_its_place_in_the_picture() -> None:
    view, point = Box(0, 0, 160, 90), (40.0, 30.0)
    near = framing.scale_box(view, 0.5, point)
    assert (point[0] - near.x0) / near.width == pytest.approx(point[0] / 160)
    assert (point[1] - near.y0) / near.height == pytest.approx(point[1] / 90)


def test_shares_seen_add_up_over_views() -> None:
    left, right = Box(100, 200, 300, 420), Box(300, 200, 500, 420)
    assert framing.share_seen(left, PANEL) == pytest.approx(0.5)
    assert framing.share_seen_in_all([left], PANEL) == pytest.approx(0.5)
    assert framing.share_seen_in_all([left, right], PANEL) == 1.0
    assert framing.filled_share(
        Box(0, 200, 200, 420), [((100, 200), (500, 200), (500, 420), (100, 420))]
    ) == pytest.approx(0.5)


def test_the_centre_keeps_out_of_a_panel_still_to_come() -> None:
    inset = Box(250, 280, 400, 400)
    x, y = framing.center_outside(PANEL, [inset])
    assert framing.contains_point((x, y), PANEL)
    assert not framing.contains_point((x, y), inset)
    assert framing.center_outside(PANEL, [Box(100, 200, 160, 260)]) == PANEL.center
    assert framing.center_outside(PANEL, [Box(0, 0, 900, 900)]) == PANEL.center


def test_distances_are_those_of_a_film_of_1080_lines() -> None:
    a, b = Box(0, 0, 960, 540), Box(96, 0, 1056, 540)
    for screen in (VideoFormat(), VideoFormat(width=320, height=180)):
        assert framing.film_distance(a, b, screen) == pytest.approx(192)
    assert framing.film_distance(a, a, VideoFormat()) == 0
    zoom = framing.film_distance(a, framing.scale_box(a, 1 / 1.1), VideoFormat())
    assert zoom == pytest.approx(math.log(1.1) * math.hypot(1920, 1080) / 4)
