"""Test that the sound shots of a faulty plan are kept, and the other panels go to the rules in reading order."""

from __future__ import annotations

import pytest

from agents.planning.repair import blamed_panels, repair_plan
from agents.planning.shot_schema import PagePlan
from agents.planning.tool_options import ToolOptions
from agents.planning.violation import Violation
from storage.domain import Box, CameraKey, ShotPlan
from tests.agents.planning.layouts import page_of
from tests.agents.planning.test_llm_planner import BAD, GRID, KEPT, SPOKEN, plan_of, shot

VIEW = Box(0, 0, 830, 1170)


@pytest.mark.parametrize("name", BAD)
def test_every_panel_is_shown_once_first_whole_and_in_order(name: str) -> None:
    plan = PagePlan.model_validate_json(plan_of(*BAD[name]))
    wishes = repair_plan(plan, page_of(GRID, SPOKEN), VIEW, ToolOptions(), {})
    first = list(dict.fromkeys(at for wish in wishes for at in wish.panels))
    assert first == [0, 1, 2, 3]
    assert sorted({at for wish in wishes if not wish.is_from_rules for at in wish.panels}) == KEPT[name]


def test_panels_that_are_to_blame_are_the_rules() -> None:
    page = page_of(GRID, SPOKEN)
    plan = PagePlan.model_validate_json(plan_of(shot(1), shot(2), shot(3), shot(4)))
    wishes = repair_plan(plan, page, VIEW, ToolOptions(), {}, {1})
    assert [wish.is_from_rules for wish in wishes] == [False, True, False, False]
    found = [
        Violation("panel_cropped", subject="p0-2", measured=0.03),
        Violation("balloon_not_shown", subject="t0-0"),
        Violation("too_many_dissolves", measured=9),
    ]
    assert blamed_panels(found, (), page) == {2, 0}
    unread = Violation("unread", "s001", "t0-0")
    filmed = ShotPlan(id="s001", ordinal=0, page=0, panels=("p0-1",), seconds=1, camera=(CameraKey(t=0, box=GRID[1]),))
    assert blamed_panels([unread], [filmed], page) == {1}, "the shot is to blame, not the panel in which it is said"
