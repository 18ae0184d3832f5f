"""The check of a plan: silent on a good one, and one sentence for each way to break it."""

from __future__ import annotations

from typing import Any

import pytest

from agents.directors import framing
from agents.directors.check import violations
from agents.directors.rules import Rules
from storage.shapes import Box, CameraKey, Screen, ShotPlan
from tests.agents.directors.layouts import book, page_of

SCREEN = Screen()
PANELS = [Box(40, 40, 790, 470), Box(430, 490, 790, 700), Box(40, 490, 410, 700)]
LINES = [(Box(700, 60, 750, 220), 0, "あの日からずっと"), (Box(100, 60, 150, 220), 0, "空を見ていた"),
         (Box(450, 520, 500, 640), 1, "ことば")]  # fmt: skip
TRANSCRIPT = book(page_of(PANELS, LINES))
PLAN = Rules().plan(TRANSCRIPT, SCREEN, {})


def hold(box: Box) -> tuple[CameraKey, ...]:
    return (CameraKey(t=0, box=box),)


def changed(index: int, **fields: Any) -> list[ShotPlan]:
    return [shot.model_copy(update=fields) if n == index else shot for n, shot in enumerate(PLAN)]


def renumbered(*shots: ShotPlan) -> list[ShotPlan]:
    return [shot.model_copy(update={"ordinal": n}) for n, shot in enumerate(shots, start=1)]


def test_a_plan_by_the_rules_keeps_every_promise() -> None:
    assert violations(PLAN, TRANSCRIPT, SCREEN) == []


WHOLE = framing.fit(PANELS[0], SCREEN.aspect, 0.05)
BREACHES = [
    ("lasts", changed(1, seconds=0.5, lines=())),
    ("wholly in view", changed(0, seconds=1.5)),
    ("wholly in view", changed(0, camera=hold(framing.centred((300, 255), 500, SCREEN.aspect)))),
    ("only", changed(2, camera=hold(framing.centred((225, 595), 300, SCREEN.aspect)))),
    ("centre never lies", changed(2, camera=hold(framing.centred((420, 595), 800, SCREEN.aspect)))),
    ("the shape", changed(0, camera=hold(Box(0, 0, 830, 830)))),
    ("goes so near", changed(2, camera=hold(framing.centred((225, 595), 200, SCREEN.aspect)))),
    ("looks past", changed(2, camera=hold(framing.centred((225, 595), 2400, SCREEN.aspect)))),
    ("moves", changed(0, camera=(CameraKey(t=0, box=WHOLE), CameraKey(t=0.1, box=framing.moved(WHOLE, 300, 0))))),
    ("line t0-2: no shot", changed(1, lines=())),
    ("no line t9-9", changed(1, lines=("t9-9",))),
    ("no panel p9-9", changed(1, panels=("p9-9",))),
    ("shows no panel", changed(1, panels=())),
    ("no page 7", changed(1, page=7)),
    ("its ordinal", changed(1, ordinal=5)),
    ("two shots", changed(1, id="s001")),
    ("not in reading order", changed(0, lines=("t0-1", "t0-0"))),
    ("panel p0-2: no shot", list(PLAN[:2])),
    ("in the order p0-0, p0-2, p0-1", [PLAN[0], *renumbered(PLAN[2], PLAN[1])]),
    ("a cut is the rule", [shot.model_copy(update={"transition": "dissolve"}) for shot in PLAN]),
]  # fmt: skip


@pytest.mark.parametrize(("word", "plan"), BREACHES, ids=[f"{n} {word}" for n, (word, _) in enumerate(BREACHES)])
def test_each_breach_is_named(word: str, plan: list[ShotPlan]) -> None:
    found = violations(plan, TRANSCRIPT, SCREEN)
    assert any(word in sentence for sentence in found), found


def test_a_line_is_not_read_while_its_panel_is_not_revealed() -> None:
    both = framing.fit(Box(40, 490, 790, 700), SCREEN.aspect, 0.02)
    shared = PLAN[1].model_copy(
        update={
            "panels": ("p0-1", "p0-2"),
            "camera": hold(framing.moved(both, 30, 0)),
            "seconds": 4.0,
            "reveals": (0.0, 0.5),
        }
    )
    assert not [v for v in violations([PLAN[0], shared], TRANSCRIPT, SCREEN) if "wholly" in v]
    late = shared.model_copy(update={"reveals": (0.9, 0.95)})
    assert [v for v in violations([PLAN[0], late], TRANSCRIPT, SCREEN) if "wholly" in v]


def test_going_back_a_page_is_named() -> None:
    two = book(page_of(PANELS[:1]), page_of(PANELS[:1], index=1))
    plan = Rules().plan(two, SCREEN, {})
    turned = [shot.model_copy(update={"ordinal": n}) for n, shot in enumerate(reversed(plan))]
    assert any("goes back" in sentence for sentence in violations(turned, two, SCREEN))
