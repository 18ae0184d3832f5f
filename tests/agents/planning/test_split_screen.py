"""Test split screens: which panels may share one, and that each is centred when it appears."""

from __future__ import annotations

from collections.abc import Sequence

from agents.planning import framing
from agents.planning.camera_moves import MoveContext
from agents.planning.panels import PlanningStyle, gather_subjects
from agents.planning.split_screen import SplitScreen, needs_of, plan_split_screen
from storage.domain import Box, Order, VideoFormat
from tests.agents.planning.layouts import page_of
from tools.video.camera_path import camera_at

WIDE, UPRIGHT = VideoFormat(), VideoFormat(width=1080, height=1920)
ROW = [Box(540, 700, 790, 1130), Box(290, 700, 530, 1130), Box(40, 700, 280, 1130)]
STACK = [Box(40, 40, 790, 200), Box(40, 212, 790, 380), Box(40, 392, 790, 560)]


def share(
    boxes: list[Box],
    lines: Sequence[tuple[Box, int | None, str]] = (),
    *,
    screen: VideoFormat = WIDE,
    order: Order = "rtl",
) -> SplitScreen | None:
    subjects, _ = gather_subjects(page_of(boxes, lines), order, {}, screen.aspect, PlanningStyle())
    return plan_split_screen([MoveContext(subject, screen, PlanningStyle()) for subject in subjects])


def test_three_narrow_panels_of_a_row_share_a_wide_screen() -> None:
    shot = share(ROW)
    assert shot is not None
    assert len(shot.reveals) == 3
    assert shot.reveals[0] == 0
    assert list(shot.reveals) == sorted(shot.reveals)


def test_stacked_panels_share_an_upright_screen() -> None:
    assert share(STACK, screen=UPRIGHT) is not None
    assert share(STACK, screen=WIDE) is None


def test_the_centre_is_in_each_panel_soon_after_it_appears_and_not_before_the_one_before() -> None:
    shot = share(ROW)
    assert shot is not None
    entered = []
    for box in ROW:
        times = [
            t / 100
            for t in range(101)
            if framing.contains_point(camera_at(shot.path.camera(), t / 100, "in-out").center, box)
        ]
        assert times
        entered.append(min(times))
    assert entered == sorted(entered)


def test_every_line_is_read_after_its_panel_appeared() -> None:
    boxes = (Box(700, 720, 740, 860), Box(440, 720, 480, 860), Box(60, 720, 100, 860))
    lines = [(box, n, "ここにいるよ") for n, box in enumerate(boxes)]
    shot = share(ROW, lines)
    assert shot is not None
    assert [need.line.id for need in needs_of(shot)] == ["t0-0", "t0-1", "t0-2"]
    assert shot.path.seconds > sum(need.seconds for need in needs_of(shot))


def test_panels_that_do_not_belong_together_keep_their_own_shots() -> None:
    assert share([ROW[0], Box(290, 200, 530, 630)]) is None  # not in one row
    assert share([ROW[0], Box(40, 700, 530, 1130)]) is None  # the second is not narrow
    assert share([ROW[1], ROW[0]]) is None  # against the reading direction
    assert share([ROW[0], Box(290, 700, 530, 900)]) is None  # of different heights
    talk = [(Box(700 - 40 * n, 720, 730 - 40 * n, 900), 0, "ながいながいはなしがつづく") for n in range(3)]
    assert share(ROW[:2], talk) is None  # much to read


def test_left_to_right_books_share_the_other_way_round() -> None:
    assert share(list(reversed(ROW)), order="ltr") is not None
    assert share(ROW, order="ltr") is None
