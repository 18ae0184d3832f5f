"""Test pan paths: in reading direction, with as few rests as show every line and both ends."""

from __future__ import annotations

from itertools import pairwise

import pytest

from agents.planning.pan_paths import PanPath
from agents.planning.panels import PanelSubject, PlanningStyle, gather_subjects
from storage.domain import Box, Order
from tests.agents.planning.layouts import page_of

WIDE, TALL = Box(40, 40, 790, 300), Box(40, 40, 340, 1130)


def subject(box: Box, *lines: Box, order: Order = "rtl") -> PanelSubject:
    said = [(line, 0, "ことばです") for line in lines]
    return gather_subjects(page_of([box], said), order, {}, 16 / 9, PlanningStyle())[0][0]


@pytest.mark.parametrize(
    ("order", "direction"), [("rtl", "right to left"), ("ltr", "left to right"), ("vertical", "left to right")]
)
def test_a_wide_panel_is_panned_as_it_is_read(order: Order, direction: str) -> None:
    track = PanPath.lay(subject(WIDE, order=order), 450, 16 / 9, wide=True, backward=False)
    assert track.direction == direction
    first, last = track.view(0), track.view(track.span)
    assert (first.x0 > last.x0) == (order == "rtl")
    assert WIDE.x0 <= min(first.x0, last.x0) <= WIDE.x0 + 20
    assert WIDE.x1 - 20 <= max(first.x1, last.x1) <= WIDE.x1


def test_a_tall_panel_is_tilted_down() -> None:
    track = PanPath.lay(subject(TALL), 420, 16 / 9, wide=False, backward=False)
    assert track.direction == "down"
    assert track.view(0).y0 < track.view(track.span).y0


def test_lines_that_share_a_view_are_read_from_one_place() -> None:
    right, left = Box(700, 60, 740, 200), Box(60, 60, 100, 200)
    close = Box(640, 60, 680, 200)
    track = PanPath.lay(subject(WIDE, right, close, left), 450, 16 / 9, wide=True, backward=False)
    places = track.places(subject(WIDE, right, close, left).needs)
    assert places is not None
    assert [len(needs) for _, needs in places] == [2, 1]


def test_both_ends_are_seen_even_without_a_line_there() -> None:
    middle = subject(WIDE, Box(390, 60, 440, 200))
    track = PanPath.lay(middle, 330, 16 / 9, wide=True, backward=False)
    places = track.places(middle.needs)
    assert places is not None
    assert places[0][0] == 0
    assert places[-1][0] == pytest.approx(track.span)


def test_a_way_is_given_up_where_the_lines_jump_back_and_forth() -> None:
    jumping = subject(WIDE, Box(60, 60, 100, 200), Box(740, 60, 780, 200), Box(60, 210, 100, 290))
    track = PanPath.lay(jumping, 330, 16 / 9, wide=True, backward=False)
    assert track.places(jumping.needs) is None


def test_lines_against_the_reading_direction_turn_the_way() -> None:
    against = subject(WIDE, Box(60, 60, 100, 200), Box(740, 60, 780, 200))
    assert PanPath.lay(against, 330, 16 / 9, wide=True, backward=True).runs_back(against.needs)
    assert not PanPath.lay(against, 330, 16 / 9, wide=True, backward=False).runs_back(against.needs)


def test_a_line_too_long_for_the_screen_does_not_fit() -> None:
    long = subject(WIDE, Box(60, 60, 700, 100))
    track = PanPath.lay(long, 330, 16 / 9, wide=True, backward=False)
    assert not track.fits(long.needs[0])


def test_parts_show_the_whole_path_and_each_line_once() -> None:
    lines = Box(720, 60, 770, 200), Box(390, 60, 440, 200), Box(60, 60, 110, 200)
    shown = subject(WIDE, *lines)
    track = PanPath.lay(shown, 330, 16 / 9, wide=True, backward=False)
    parts = track.parts(shown.needs, 3)
    assert parts is not None
    assert [len(needs) for _, needs in parts] == [1, 1, 1]
    assert all(b[0] - a[0] <= track.length for a, b in pairwise(parts))


@pytest.mark.parametrize("width", [250, 700])
def test_two_parts_neither_leave_a_gap_nor_look_alike(width: float) -> None:
    track = PanPath.lay(subject(WIDE), width, 16 / 9, wide=True, backward=False)
    assert track.parts((), 2) is None


def test_a_line_across_the_cut_prevents_it() -> None:
    middle = subject(WIDE, Box(350, 60, 480, 200))
    track = PanPath.lay(middle, 390, 16 / 9, wide=True, backward=False)
    assert track.parts(middle.needs, 2) is None
