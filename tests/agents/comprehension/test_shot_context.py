"""Test the description of people and places for generative models: one short line, stable under corrections."""

from __future__ import annotations

import pytest

from agents.comprehension.shot_context import MAX_CHARACTERS, appearance_prompt
from agents.corrections import replan
from agents.editing import grammar as edits
from agents.run_context import RunContext
from agents.shots import shots_to_film
from agents.stages import storyboard
from storage.comprehension import Comprehension, DescribedCharacter, PageComprehension
from storage.domain import Box, CameraKey, ShotPlan
from tests.agents.comprehension.people import KID, STRANGER, peopled
from tests.agents.comprehension.scripted import page_reply, understands
from tests.agents.comprehension.test_stage import understood
from tests.agents.planning.test_llm_planner import dutiful
from tests.loopback import Asked, Said, serving


def shot(*characters: str) -> ShotPlan:
    camera = (CameraKey(t=0, box=Box(0, 0, 1, 1)),)
    return ShotPlan(id="s", ordinal=0, page=0, panels=("p",), seconds=1, camera=camera, characters=characters)


def test_looks_and_place_are_said_in_one_line_without_names() -> None:
    people = (
        DescribedCharacter(id="a", name="Aya", looks="long hair"),
        DescribedCharacter(id="b", name="Ben"),
        DescribedCharacter(id="c", name="", looks="a cap"),
    )
    found = Comprehension(pages=(PageComprehension(index=0, setting="a street"),), people=people)
    assert appearance_prompt(found, shot("a", "b", "c")) == "long hair; a cap; a street"
    assert appearance_prompt(found, shot()) == "a street"
    assert appearance_prompt(Comprehension(), shot("a")) == ""
    endless = found.model_copy(
        update={"people": tuple(DescribedCharacter(id=one, name="", looks=one * 400) for one in "abc")}
    )
    assert len(appearance_prompt(endless, shot("a", "b", "c"))) <= MAX_CHARACTERS


def test_what_draws_is_told_the_same_though_a_text_is_mended_and_the_page_is_described_in_other_words(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(asked: Asked, number: int) -> Said:
        people = [{"person": 1, "looks": f"hair {number}"}, {"person": 2, "looks": f"a cap {number}"}]
        return (
            page_reply(asked, setting=f"a street {number}", people=people)
            if understands(asked)
            else dutiful(asked, number)
        )

    context.corrections = peopled()
    with serving(script) as there:
        understood(context, monkeypatch, there)
        storyboard.run(context, {})
        before = [one.appearance_prompt for one in shots_to_film(context, {})]
        assert [KID in one.plan.characters for one in shots_to_film(context, {})][:4] == [False, False, False, True]
        assert before[:4] == ["a street 0", "hair 0; a street 0", "a street 0", "a cap 1; a street 0"]
        assert next(one.animate_prompt for one in shots_to_film(context, {})).endswith("; a street 0")
        replan.correct_library(context.library, [edits.parse_line('page 2 text 1 "Good day"')], author="hand")  # type: ignore[list-item]
        assert sum(map(understands, there.asked)) == 3, "another text is understood anew"
        assert [one.appearance_prompt for one in shots_to_film(context, {})] == before
        rules = context.settings.model_copy(update={"director": "rules"})
        context.settings = rules
        assert {one.appearance_prompt for one in shots_to_film(context, {})} == {""}
    assert STRANGER in {who for one in shots_to_film(context, {}) for who in one.plan.characters}
