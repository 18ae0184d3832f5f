"""What models that draw are told of people and places: in one short line, and the same whatever else is mended."""

from __future__ import annotations

import pytest

from agents.edits import words as edits
from agents.revising import mend
from agents.shots import in_force
from agents.stages import storyboard
from agents.understanding.words import LONGEST, words
from agents.workshop import Workshop
from storage.shapes import Box, CameraKey, ShotPlan
from storage.understanding import PageSense, Person, Understanding
from tests.agents.directors.test_llm import dutiful
from tests.agents.understanding.people import KID, STRANGER, peopled
from tests.agents.understanding.scripted import told, understands
from tests.agents.understanding.test_stage import understood
from tests.loopback import Asked, Said, serving


def shot(*characters: str) -> ShotPlan:
    camera = (CameraKey(t=0, box=Box(0, 0, 1, 1)),)
    return ShotPlan(id="s", ordinal=0, page=0, panels=("p",), seconds=1, camera=camera, characters=characters)


def test_looks_and_place_are_said_in_one_line_without_names() -> None:
    people = (
        Person(id="a", name="Aya", looks="long hair"),
        Person(id="b", name="Ben"),
        Person(id="c", name="", looks="a cap"),
    )
    found = Understanding(pages=(PageSense(index=0, setting="a street"),), people=people)
    assert words(found, shot("a", "b", "c")) == "long hair; a cap; a street"
    assert words(found, shot()) == "a street"
    assert words(Understanding(), shot("a")) == ""
    endless = found.model_copy(update={"people": tuple(Person(id=one, name="", looks=one * 400) for one in "abc")})
    assert len(words(endless, shot("a", "b", "c"))) <= LONGEST


def test_what_draws_is_told_the_same_though_a_text_is_mended_and_the_page_is_described_in_other_words(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(asked: Asked, number: int) -> Said:
        people = [{"person": 1, "looks": f"hair {number}"}, {"person": 2, "looks": f"a cap {number}"}]
        return (
            told(asked, setting=f"a street {number}", people=people) if understands(asked) else dutiful(asked, number)
        )

    shop.corrections = peopled()
    with serving(script) as there:
        understood(shop, monkeypatch, there)
        storyboard.run(shop, {})
        before = [one.told for one in in_force(shop, {})]
        assert [KID in one.plan.characters for one in in_force(shop, {})][:4] == [False, False, False, True]
        assert before[:4] == ["a street 0", "hair 0; a street 0", "a street 0", "a cap 1; a street 0"]
        assert next(one.moved for one in in_force(shop, {})).endswith("; a street 0")
        mend.mend(shop.library, [edits.parse('page 2 text 1 "Good day"')], author="hand")  # type: ignore[list-item]
        assert sum(map(understands, there.asked)) == 3, "another text is understood anew"
        assert [one.told for one in in_force(shop, {})] == before
        rules = shop.settings.model_copy(update={"director": "rules"})
        shop.settings = rules
        assert {one.told for one in in_force(shop, {})} == {""}
    assert STRANGER in {who for one in in_force(shop, {}) for who in one.plan.characters}
