"""Test the validation of plans: no violation in a good plan, and a typed one for each way to break it."""

from __future__ import annotations

from typing import Any

import pytest

from agents.planning import framing
from agents.planning.rule_based import RuleBasedPlanner
from agents.planning.validation import violations
from agents.planning.violation import Violation
from storage.domain import Box, CameraKey, ShotPlan, VideoFormat
from tests.agents.planning.layouts import book, page_of

SCREEN = VideoFormat()
PANELS = [Box(40, 40, 790, 470), Box(430, 490, 790, 700), Box(40, 490, 410, 700)]
LINES = [(Box(700, 60, 750, 220), 0, "あの日からずっと"), (Box(100, 60, 150, 220), 0, "空を見ていた"),
         (Box(450, 520, 500, 640), 1, "ことば")]  # fmt: skip
TRANSCRIPT = book(page_of(PANELS, LINES))
PLAN = RuleBasedPlanner().plan(TRANSCRIPT, SCREEN, {})


def hold(box: Box) -> tuple[CameraKey, ...]:
    return (CameraKey(t=0, box=box),)


def changed(index: int, **fields: Any) -> list[ShotPlan]:
    return [shot.model_copy(update=fields) if n == index else shot for n, shot in enumerate(PLAN)]


def renumbered(*shots: ShotPlan) -> list[ShotPlan]:
    return [shot.model_copy(update={"ordinal": n}) for n, shot in enumerate(shots, start=1)]


def kinds(plan: list[ShotPlan]) -> set[str]:
    return {violation.kind for violation in violations(plan, TRANSCRIPT, SCREEN)}


def test_a_plan_by_the_rules_keeps_every_promise() -> None:
    assert violations(PLAN, TRANSCRIPT, SCREEN) == []


WHOLE = framing.fit_box(PANELS[0], SCREEN.aspect, 0.05)
BREACHES: list[tuple[Violation, list[ShotPlan]]] = [
    (Violation("too_short", "s002", measured=0.5, needed=1.2), changed(1, seconds=0.5, balloons=())),
    (Violation("unread", "s001", "t0-1"), changed(0, seconds=1.5)),
    (Violation("unread", "s001", "t0-0"), changed(0, camera=hold(framing.center_box((300, 255), 500, SCREEN.aspect)))),
    (
        Violation("panel_cropped", subject="p0-2", needed=0.92),
        changed(2, camera=hold(framing.center_box((225, 595), 300, SCREEN.aspect))),
    ),
    (
        Violation("panel_off_center", subject="p0-2"),
        changed(2, camera=hold(framing.center_box((420, 595), 800, SCREEN.aspect))),
    ),
    (
        Violation("wrong_aspect", "s001", measured=1.0, needed=SCREEN.aspect),
        changed(0, camera=hold(Box(0, 0, 830, 830))),
    ),
    (
        Violation("too_near", "s003", measured=112.5),
        changed(2, camera=hold(framing.center_box((225, 595), 200, SCREEN.aspect))),
    ),
    (
        Violation("off_panel", "s003", needed=0.5),
        changed(2, camera=hold(framing.center_box((225, 595), 2400, SCREEN.aspect))),
    ),
    (
        Violation("too_fast", "s001"),
        changed(0, camera=(CameraKey(t=0, box=WHOLE), CameraKey(t=0.1, box=framing.shift_box(WHOLE, 300, 0)))),
    ),
    (Violation("balloon_not_shown", subject="t0-2"), changed(1, balloons=())),
    (Violation("unknown_balloon", "s002", "t9-9"), changed(1, balloons=("t9-9",))),
    (Violation("unknown_panel", "s002", "p9-9"), changed(1, panels=("p9-9",))),
    (Violation("no_panel", "s002"), changed(1, panels=())),
    (Violation("unknown_page", "s002", measured=8), changed(1, page=7)),
    (Violation("wrong_ordinal", "s002", measured=5, needed=1), changed(1, ordinal=5)),
    (Violation("duplicate_id", "s001"), changed(1, id="s001")),
    (Violation("balloon_order", "s001", "p0-0"), changed(0, balloons=("t0-1", "t0-0"))),
    (Violation("panel_not_shown", subject="p0-2"), list(PLAN[:2])),
    (Violation("panel_order", subject="p0-2"), [PLAN[0], *renumbered(PLAN[2], PLAN[1])]),
    (
        Violation("too_many_dissolves", measured=3, needed=1),
        [shot.model_copy(update={"transition": "dissolve"}) for shot in PLAN],
    ),
]


@pytest.mark.parametrize(("wrong", "plan"), BREACHES, ids=[f"{n} {one.kind}" for n, (one, _) in enumerate(BREACHES)])
def test_each_breach_is_found_with_its_place_and_its_measures(wrong: Violation, plan: list[ShotPlan]) -> None:
    found = violations(plan, TRANSCRIPT, SCREEN)
    same = [one for one in found if (one.kind, one.shot, one.subject) == (wrong.kind, wrong.shot, wrong.subject)]
    assert same, found
    for name in ("measured", "needed"):
        if expected := getattr(wrong, name):
            assert getattr(same[0], name) == pytest.approx(expected), same


def test_a_missed_bound_is_measured_in_its_own_unit() -> None:
    found = {
        violation.kind: violation for wrong, plan in BREACHES for violation in violations(plan, TRANSCRIPT, SCREEN)
    }
    for kind in ("too_short", "too_near", "too_fast", "unread", "off_panel", "panel_cropped"):
        assert 0 <= found[kind].measured < found[kind].needed, found[kind]


def test_a_line_is_not_read_while_its_panel_is_not_revealed() -> None:
    both = framing.fit_box(Box(40, 490, 790, 700), SCREEN.aspect, 0.02)
    shared = PLAN[1].model_copy(
        update={
            "panels": ("p0-1", "p0-2"),
            "camera": hold(framing.shift_box(both, 30, 0)),
            "seconds": 4.0,
            "reveals": (0.0, 0.5),
        }
    )
    assert "unread" not in kinds([PLAN[0], shared])
    late = shared.model_copy(update={"reveals": (0.9, 0.95)})
    assert "unread" in kinds([PLAN[0], late])


def test_going_back_a_page_is_named() -> None:
    two = book(page_of(PANELS[:1]), page_of(PANELS[:1], index=1))
    plan = RuleBasedPlanner().plan(two, SCREEN, {})
    turned = [shot.model_copy(update={"ordinal": n}) for n, shot in enumerate(reversed(plan))]
    assert Violation("page_order", turned[1].id, measured=1, needed=2) in violations(turned, two, SCREEN)
