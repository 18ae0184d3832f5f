"""Test shots before they have numbers: split at the maximum length, and dissolved only now and then."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pytest

from agents.planning import framing
from agents.planning.camera_moves import MoveContext, possible_moves
from agents.planning.panels import PlanningStyle, StrayLine, gather_subjects, need_of
from agents.planning.rule_based import RuleBasedPlanner
from agents.planning.shot_drafts import (
    REST_AFTER_DISSOLVE,
    SPLIT_SECONDS,
    ShotDraft,
    draft_bare_panel,
    draft_panel,
    draft_split_screen,
    draft_stray_line,
    number_shots,
    split_long,
)
from agents.planning.split_screen import plan_split_screen
from agents.planning.timing import TimedPath
from agents.planning.validation import violations
from storage.domain import Box, MotionEffect, RenderOptions, VideoFormat
from tests.agents.planning.layouts import book, page_of


@dataclass(frozen=True)
class Look:
    tone: float = 0.5
    detail: float = 0.5
    closeness: float = 0.5
    focus: tuple[float, float] = (600.0, 500.0)
    rain: bool = False
    layered: bool = False


PAGE = page_of([Box(40, 40, 790, 470)])


def take(seconds: float = 3.0, *, dissolves: bool | None = None, prompt: str = "", director: str = "llm") -> ShotDraft:
    box = Box(0, 0, 800, 450)
    return ShotDraft(PAGE, ("p0-0",), TimedPath(((0.0, box), (seconds, box))), (), "hold", "why", dissolves=dissolves,
                prompt=prompt, director=director)  # fmt: skip


def test_a_long_shot_is_cut_into_shots_that_continue_each_other() -> None:
    pieces = split_long(take(100.0))
    assert [piece.path.seconds for piece in pieces] == [50.0, 50.0]
    assert split_long(take(SPLIT_SECONDS)) == [take(SPLIT_SECONDS)]


def test_an_impact_of_a_long_shot_is_in_the_one_piece_in_which_it_comes() -> None:
    effects = MotionEffect(kind="rain"), MotionEffect(kind="impact", at=0.25), MotionEffect(kind="impact", at=0.8)
    first, second = split_long(replace(take(100.0), render_options=RenderOptions(effects=effects)))
    assert first.render_options.effects == (effects[0], effects[1].model_copy(update={"at": 0.5}))
    assert second.render_options.effects[0] == effects[0]
    assert [one.at for one in second.render_options.effects[1:]] == [pytest.approx(0.6)]


def test_rain_that_is_drawn_falls_in_its_panels_of_a_shared_screen_and_beside_a_bare_panel() -> None:
    row = [Box(540, 700, 790, 1130), Box(290, 700, 530, 1130), Box(40, 700, 280, 1130)]
    for rainy in ((), (0,), (1, 2), (0, 1, 2)):
        looks = {f"p0-{number}": Look(rain=number in rainy) for number in range(3)}
        subjects, _ = gather_subjects(page_of(row), "rtl", looks, VideoFormat().aspect, PlanningStyle())
        contexts = [MoveContext(subject, VideoFormat(), PlanningStyle()) for subject in subjects]
        split = plan_split_screen(contexts)
        assert split is not None
        shared = draft_split_screen(split, PAGE, None).render_options.effects
        beside = draft_bare_panel(contexts[1], subjects[0]).render_options.effects
        for effects, panels in ((shared, (0, 1, 2)), (beside, (0, 1))):
            places = [row[number] for number in panels if number in rainy]
            whole = [None] if len(places) == len(panels) else places
            assert effects == tuple(MotionEffect(kind="rain", box=place) for place in whole)


def test_an_impact_comes_after_the_dissolve_of_its_shot() -> None:
    options = RenderOptions(effects=(MotionEffect(kind="impact", at=0.5),))
    drafts = [replace(take(dissolves=True), render_options=options)] * 13
    cut, dissolved = (number_shots(drafts, VideoFormat(), PlanningStyle())[at] for at in (0, 12))
    assert (cut.transition, dissolved.transition) == ("cut", "dissolve")
    moments = [one.at * shot.seconds for shot in (cut, dissolved) for one in shot.render_options.effects if one.at]
    assert moments == pytest.approx([1.5, 1.5 + REST_AFTER_DISSOLVE], abs=1 / 24)


def test_a_director_may_dissolve_now_and_then_but_not_always() -> None:
    plan = number_shots([take(dissolves=True)] * 40, VideoFormat(), PlanningStyle())
    wishes = [shot.ordinal for shot in plan if shot.transition == "dissolve"]
    assert wishes == [12, 25, 38]
    assert {shot.transition for shot in number_shots([take(dissolves=False)] * 40, VideoFormat(), PlanningStyle())} == {
        "cut"
    }


def test_a_shot_says_who_directed_it_and_what_moves() -> None:
    (llm,) = number_shots([take(prompt="the bird turns its head")], VideoFormat(), PlanningStyle())
    assert (llm.director, llm.prompt, llm.reason) == ("llm", "the bird turns its head", "why")
    (rules,) = number_shots([take(director="rules")], VideoFormat(), PlanningStyle())
    assert (rules.director, rules.prompt) == ("rules", "manga panel, no words; subtle motion")


def test_an_idea_of_two_parts_becomes_two_shots() -> None:
    (subject,), _ = gather_subjects(page_of([Box(0, 0, 830, 1170)]), "rtl", {}, VideoFormat().aspect, PlanningStyle())
    lens = MoveContext(subject, VideoFormat(), PlanningStyle())
    idea = next(idea for idea in possible_moves(lens) if len(idea.parts) == 2)
    first, second = draft_panel(idea, lens, subject)
    assert (first.opens_page, second.opens_page) == (subject, None)


def test_a_page_of_print_in_one_balloon_is_not_waited_for_for_ever() -> None:
    said = [(Box(60, 60, 700, 400), 0, "な" * 900), (Box(700, 60, 760, 400), 0, "な" * 300)]
    for lines in (said[:1], said, said[::-1]):
        printed = book(page_of([Box(40, 40, 790, 470)], lines))
        plan = RuleBasedPlanner().plan(printed, VideoFormat(), {})
        assert max(shot.seconds for shot in plan) <= 60
        assert violations(plan, printed, VideoFormat()) == []


def test_letters_that_an_earlier_shot_of_the_panel_showed_are_not_covered_again() -> None:
    lines = [(Box(100 + 150 * n, 100, 180 + 150 * n, 900), 0, "ながいながいながいながいながいせりふ") for n in range(4)]
    page = page_of([Box(0, 0, 830, 1170)], lines)
    plan = RuleBasedPlanner().plan(book(page), VideoFormat(), {})
    assert len(plan) > 1
    assert [shot.render_options.lettering for shot in plan] == ["timed", *["drawn"] * (len(plan) - 1)]


@pytest.mark.parametrize(("count", "lettering"), [(3, "timed"), (4, "drawn")])
def test_letters_of_many_balloons_in_view_do_not_wait(count: int, lettering: str) -> None:
    lines = [(Box(700 - 150 * n, 60, 760 - 150 * n, 200), 0, "ことば") for n in range(count)]
    shots = RuleBasedPlanner(PlanningStyle(motion=0)).plan(
        book(page_of([Box(40, 40, 790, 470)], lines)), VideoFormat(), {}
    )
    assert [shot.render_options.lettering for shot in shots] == [lettering]


def test_a_line_outside_the_panels_is_framed_away_from_what_comes_later() -> None:
    page = page_of([Box(430, 40, 790, 400), Box(40, 420, 790, 1100)], [(Box(60, 300, 110, 400), 0, "ことば")])
    (need,) = (need_of(line, 830.0) for line in page.balloons)
    shot = draft_stray_line(StrayLine(need, 1, page.panels[0]), page, VideoFormat(), PlanningStyle())
    view = shot.path.keys[0][1]
    assert framing.holds(view, need.nice)
    assert view.center[1] < need.nice.center[1]
