"""Test the camera moves of a panel: whole, filling, travelling, closer, and never cropping the lettering."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from agents.planning import framing, timing
from agents.planning.camera_moves import CameraMove, MoveContext, possible_moves, still_frame
from agents.planning.panels import PlanningStyle, gather_subjects
from storage.domain import Box, Order, VideoFormat
from tests.agents.planning.layouts import page_of

SCREENS = (
    VideoFormat(),
    VideoFormat(width=1080, height=1920),
    VideoFormat(width=1080, height=1080),
    VideoFormat(width=1080, height=1350),
)


@dataclass(frozen=True)
class Seen:
    tone: float = 0.5
    detail: float = 0.5
    closeness: float = 0.5
    focus: tuple[float, float] = (0.0, 0.0)
    rain: bool = False
    layered: bool = False


def lens(
    box: Box,
    *lines: Box,
    screen: VideoFormat = SCREENS[0],
    order: Order = "rtl",
    look: Seen | None = None,
    text: str = "ことば",
) -> MoveContext:
    page = page_of([box], [(line, 0, text) for line in lines])
    looks = {"p0-0": look} if look else {}
    return MoveContext(
        gather_subjects(page, order, looks, screen.aspect, PlanningStyle())[0][0], screen, PlanningStyle()
    )


def of_kind(found: list[CameraMove], kind: str) -> list[CameraMove]:
    return [idea for idea in found if idea.kind == kind]


def test_a_panel_of_the_screens_shape_fills_it() -> None:
    box, words = still_frame(lens(Box(40, 40, 790, 470), Box(60, 60, 120, 200)))
    assert words == "fills the screen"
    assert box.area / Box(40, 40, 790, 470).area > 0.92


def test_lettering_at_the_edge_is_not_cropped_for_a_full_screen() -> None:
    panel = Box(40, 40, 790, 490)
    edge = [Box(60, 44, 120, 200), Box(500, 330, 560, 486)]  # at the top and at the bottom: no crop leaves both
    box, words = still_frame(lens(panel, *edge))
    assert words == "stands whole"
    assert framing.holds(box, panel)


@pytest.mark.parametrize("screen", SCREENS)
def test_a_small_panel_is_not_magnified_beyond_taste(screen: VideoFormat) -> None:
    box, words = still_frame(lens(Box(300, 300, 420, 420), screen=screen))
    assert words == "stands whole"
    assert min(box.width, box.height) >= PlanningStyle().tightest * 830 - 1e-6


@pytest.mark.parametrize("screen", SCREENS)
def test_every_idea_keeps_the_screens_shape_and_lets_all_be_read(screen: VideoFormat) -> None:
    panels = [Box(40, 40, 790, 300), Box(40, 40, 300, 1100), Box(40, 40, 420, 400), Box(0, 0, 830, 1170)]
    for panel in panels:
        lines = [Box(panel.x1 - 70, panel.y0 + 20, panel.x1 - 20, panel.y0 + 160),
                 Box(panel.x0 + 20, panel.y1 - 160, panel.x0 + 70, panel.y1 - 20)]  # fmt: skip
        for idea in possible_moves(lens(panel, *lines, screen=screen)):
            for part in idea.parts:
                assert all(box.aspect == pytest.approx(screen.aspect) for box in part.boxes)
                assert max(timing.read_until(part.path, part.needs)[1], default=0) < 0.06
            assert [need.line.id for part in idea.parts for need in part.needs] == ["t0-0", "t0-1"]


def test_a_wide_panel_can_be_panned_and_a_tall_one_tilted() -> None:
    assert of_kind(list(possible_moves(lens(Box(40, 40, 790, 300)))), "pan")
    assert of_kind(list(possible_moves(lens(Box(40, 40, 340, 1130)))), "tilt")
    upright = lens(Box(40, 40, 790, 400), screen=SCREENS[1])
    assert of_kind(list(possible_moves(upright)), "pan")


def test_a_push_goes_towards_the_focus_and_never_beyond_a_tenth() -> None:
    panel = Box(40, 40, 790, 470)
    pushes = of_kind(list(possible_moves(lens(panel, look=Seen(focus=(700.0, 100.0))))), "push")
    assert pushes
    for idea in pushes:
        start, end = idea.parts[0].boxes[0], idea.parts[0].boxes[-1]
        assert 1.02 < start.width / end.width <= 1.1
        assert end.center[0] > start.center[0]
        assert end.center[1] < start.center[1]


def test_a_push_keeps_all_lettering_in_view() -> None:
    corners = [Box(44, 44, 90, 200), Box(740, 300, 786, 466)]
    for idea in of_kind(
        list(possible_moves(lens(Box(40, 40, 790, 470), *corners, look=Seen(focus=(400.0, 250.0))))), "push"
    ):
        end = idea.parts[0].boxes[-1]
        assert all(framing.holds(end, need.box) for need in idea.parts[0].needs)


def test_a_splash_can_be_shown_whole_before_it_is_travelled() -> None:
    arrivals = [
        idea
        for idea in possible_moves(lens(Box(0, 0, 830, 1170), Box(600, 100, 700, 300)))
        if idea.parts[0].kind == "hold" and len(idea.parts) == 2
    ]
    assert arrivals
    assert framing.holds(arrivals[0].parts[0].boxes[0], Box(0, 0, 830, 1170))
    assert arrivals[0].seconds > 5


def test_much_to_read_may_be_read_from_nearer() -> None:
    lines = [Box(420 - 60 * n, 60 + 20 * n, 460 - 60 * n, 260) for n in range(6)]
    found = [
        idea
        for idea in possible_moves(lens(Box(40, 40, 480, 620), *lines, text="ながいながいことばです"))
        if idea.kind == "closer"
    ]
    assert found
    wide, near = found[0].parts
    assert near.boxes[0].width <= 0.8 * wide.boxes[0].width
    assert len(wide.needs) + len(near.needs) == 6


def test_a_very_tall_panel_of_a_strip_scrolls_steadily() -> None:
    page = page_of([Box(0, 0, 800, 3000)], size=(800, 3000))
    subject = gather_subjects(page, "vertical", {}, 16 / 9, PlanningStyle())[0][0]
    scrolls = of_kind(list(possible_moves(MoveContext(subject, SCREENS[0], PlanningStyle()))), "scroll")
    assert scrolls
    path = scrolls[0].parts[0].path
    speed = framing.film_distance(path.keys[0][1], path.keys[-1][1], SCREENS[0]) / path.seconds
    assert path.ease == "linear"
    assert 100 <= speed <= 400


def test_a_wide_panel_is_shown_part_by_part_on_a_tall_screen() -> None:
    panel, right, left = Box(40, 40, 790, 300), Box(700, 60, 760, 200), Box(80, 60, 140, 200)
    found = of_kind(list(possible_moves(lens(panel, right, left, screen=SCREENS[1]))), "part")
    assert found
    for move in found:
        views = [part.boxes[0] for part in move.parts]
        assert views[0].x0 > views[-1].x0
        assert framing.share_seen_in_all(views, panel) > 0.92
        assert [len(part.needs) for part in move.parts] in ([1, 1], [1, 0, 1])
        for part in move.parts:
            assert all(framing.holds(part.boxes[0], need.box) for need in part.needs)


def test_a_panel_near_the_screens_shape_is_shown_in_no_parts() -> None:
    assert not of_kind(list(possible_moves(lens(Box(40, 40, 790, 470), Box(60, 60, 120, 200)))), "part")
