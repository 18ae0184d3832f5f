"""Test that people's edits are rebased onto a new plan page by page, and that lost edits are reported."""

from __future__ import annotations

from agents.editing import rebase
from agents.planning.rule_based import RuleBasedPlanner
from storage.domain import ShotPlan, VideoFormat
from tests.conftest import transcript_of

TRANSCRIPT, SCREEN = transcript_of(2), VideoFormat()
PLAN = RuleBasedPlanner().plan(TRANSCRIPT, SCREEN, {})


def slower(shots: tuple[ShotPlan, ...], name: str) -> tuple[ShotPlan, ...]:
    """Return the shots with one of them lengthened by a second."""
    return tuple(one.model_copy(update={"seconds": one.seconds + 1}) if one.id == name else one for one in shots)


def test_a_page_that_is_planned_as_before_stands_as_people_have_it() -> None:
    ours, fresh = slower(slower(PLAN, "s002"), "s006"), slower(PLAN, "s001")
    carried, lost = rebase.merge_shots(PLAN, ours, fresh, TRANSCRIPT, SCREEN)
    assert carried == slower(slower(PLAN, "s001"), "s006")
    assert [one.id for one in lost] == ["s002"]


def test_shots_that_were_left_out_stay_out_and_names_stay_apart() -> None:
    ours = tuple(one for one in PLAN if one.id != "s006")
    fresh = tuple(one.model_copy(update={"id": f"s{at + 2:03d}"}) for at, one in enumerate(PLAN))
    carried, lost = rebase.merge_shots(PLAN, ours, slower(fresh, "s002"), TRANSCRIPT, SCREEN)
    assert [one.id for one in carried] == ["s002", "s003", "s004", "s005a", "s005", "s007", "s008"]
    assert [one.ordinal for one in carried] == list(range(7))
    assert lost == []


def test_a_locked_shot_keeps_its_page() -> None:
    ours = tuple(one.model_copy(update={"locked": one.id == "s002"}) for one in PLAN)
    carried, _ = rebase.merge_shots(PLAN, ours, slower(PLAN, "s001"), TRANSCRIPT, SCREEN)
    assert carried == ours


def test_for_another_screen_all_of_it_is_framed_anew() -> None:
    square = VideoFormat(width=1080)
    ours = slower(PLAN, "s002")
    carried, lost = rebase.merge_shots(PLAN, ours, RuleBasedPlanner().plan(TRANSCRIPT, square, {}), TRANSCRIPT, square)
    assert not lost
    assert carried[1].seconds >= ours[1].seconds
    assert all(abs(one.camera[0].box.aspect - 1) < 0.01 for one in carried)


def test_where_a_director_goes_on_with_pages_that_were_left_those_that_people_changed_stay() -> None:
    ours, fresh = slower(PLAN, "s002"), slower(slower(PLAN, "s001"), "s006")
    carried, lost = rebase.merge_shots(PLAN, ours, fresh, TRANSCRIPT, SCREEN, theirs=True)
    assert carried == slower(slower(PLAN, "s002"), "s006")
    assert lost == []
