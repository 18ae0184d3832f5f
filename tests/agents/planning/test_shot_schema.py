"""Test that a model's plan is bound to its page, or its faults are listed so that they can be corrected."""

from __future__ import annotations

from typing import Any

import pytest

from agents.llm.structured_output import LONGEST_TEXT, to_one_line
from agents.planning.shot_schema import PagePlan, ShotAnswer, ShotRequest, parse_requests
from agents.planning.tool_options import ToolOptions
from storage.domain import Box
from tests.agents.planning.layouts import page_of

PAGE = page_of(
    [Box(430, 40, 790, 300), Box(40, 40, 420, 300)],
    [(Box(700, 60, 760, 180), 0, "a"), (Box(60, 60, 90, 180), 1, "b")],
)
VIEW = Box(0, 0, 830, 1170)


def shot(*panels: int, framing: Any = "hold", **more: Any) -> ShotAnswer:
    return ShotAnswer(panels=list(panels), framing=framing, **more)


def bound(*shots: ShotAnswer, view: Box = VIEW) -> tuple[list[ShotRequest], list[str]]:
    return parse_requests(PagePlan(shots=list(shots)), PAGE, view, ToolOptions(), {"p0-0": "action", "p0-1": "detail"})


def test_numbers_become_what_they_stand_for() -> None:
    found, faults = bound(
        shot(1, pace=9, motion="a\x00b\n c", reason="why", transition="dissolve"),
        shot(1, framing="closer-on-balloon", balloon=1),
        shot(2),
        shot(2, framing="close-on", box=[0.1, 0.05, 0.2, 0.1]),
    )
    assert faults == []
    assert [wish.panels for wish in found] == [(0,), (0,), (1,), (1,)]
    assert found[0] == ShotRequest((0,), "hold", None, None, 1.6, True, "a b c", "action, hold: why")
    assert found[1].balloon == PAGE.balloons[0]
    assert found[3].box == pytest.approx((83.0, 58.5, 166.0, 117.0))


def test_a_box_is_a_share_of_what_was_in_sight() -> None:
    found, _ = bound(shot(1), shot(2), shot(2, framing="close-on", box=[0.1, 0.1, 0.4, 0.4]), view=Box(0, 40, 400, 440))
    assert found[2].box == Box(40, 80, 160, 200)


@pytest.mark.parametrize(
    ("shots", "fault"),
    [
        ([shot(1)], "panel 2: no shot shows it"),
        ([shot(2), shot(1)], "shot 2: goes back to panel 1 after panel 2"),
        ([shot(1), shot(3)], r"shot 2: names the panels [3], there are panels 1 to 2"),
        ([shot(2, 1)], "shot 1: panels [2, 1] do not follow"),
        (
            [shot(1), shot(2, framing="close-on", box=[0.1, 0.1, 0.2, 0.2])],
            "panel 2: its first shot must show it whole",
        ),
        ([shot(1), shot(2), shot(2, framing="close-on", box=[0.1, 0.1])], "shot 3: close-on wants a box of four"),
        ([shot(1), shot(2), shot(2, framing="close-on", box=[0.9, 0.9, 1, 1])], "lies outside panel 2"),
        ([shot(1), shot(2), shot(2, framing="closer-on-balloon", balloon=1)], "there is no balloon 1 in panel 2"),
        ([shot(1, 2), shot(1, 2, framing="close-on", box=[0.1, 0.1, 0.2, 0.2])], "close-on is for one panel"),
        ([shot(1), shot(1), shot(1), shot(1), shot(2)], "panel 1: has 4 shots"),
    ],
)
def test_what_is_wrong_is_said_in_the_models_own_numbers(shots: list[ShotAnswer], fault: str) -> None:
    wishes, faults = bound(*shots)
    assert wishes == []
    assert any(fault in found for found in faults), faults


def test_free_text_is_one_short_line() -> None:
    assert to_one_line("a\x1b[2J\r\n\u202eb" + "c" * 999).startswith("a [2J b")
    assert len(to_one_line("c" * 999)) == LONGEST_TEXT
