"""What a model may ask of the tools: closed words, only for what this film has, and the usual for any other."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.asking.answers import read, schema_of
from agents.directors.means import Means, people_of
from agents.directors.wishes import PagePlan, plan_type
from storage.shapes import Appearance, Box, PageTranscript, ShotPlan, Treatment
from tests.agents.directors.layouts import book, page_of
from tests.agents.directors.test_llm import GRID, SPOKEN, directed, plan_of, shot
from tests.loopback import always

ALL = Means(erases=True, paints=True, animates=True)
USUAL = Treatment()


def peopled(page: PageTranscript) -> PageTranscript:
    """The page with mika and ken on its first two panels."""
    seen = [("mika", "p0-0"), ("ken", "p0-0"), ("mika", "p0-1")]
    found = [
        Appearance(id=f"c{at}", box=Box(50, 50, 90, 90), character=name, panel=home)
        for at, (name, home) in enumerate(seen)
    ]
    return page.model_copy(update={"characters": tuple(found)})


def offered(means: Means, people: int = 0) -> dict[str, Any]:
    """The closed words of a shot's answer, by field."""
    shot = schema_of(plan_type(means, people))["properties"]["shots"]["items"]["properties"]
    return {name: field.get("enum", field.get("items", {}).get("enum")) for name, field in shot.items()}


def planned(means: Means, *shots: dict[str, Any]) -> tuple[ShotPlan, ...]:
    one = book(peopled(page_of(GRID, SPOKEN)))
    plan, director, _ = directed(always(plan_of(*shots)), one, means=means)
    assert director.outcome.left == {}
    return plan


def test_only_the_words_for_what_the_film_has_are_on_offer() -> None:
    plain, rich = offered(Means(), 2), offered(ALL, 2)
    assert plain["clean"] == ["frame", "slivers"]
    assert plain["ground"] == ["auto", "tone", "blur", "paper"]
    assert not {"life", "people"} & set(plain)
    assert rich["clean"] == ["frame", "slivers", "lettering", "balloons"]
    assert rich["ground"] == ["painted", "tone", "blur", "paper"]
    assert rich["life"] == ["moves", "still"]
    assert "people" in rich
    assert "people" not in offered(ALL), "where nobody is known, nobody can be named"
    assert "life" not in offered(Means(erases=True, paints=True), 1)
    assert plan_type(ALL, 2).__name__ == PagePlan.__name__


def test_what_a_model_says_of_the_tools_is_the_shots_treatment() -> None:
    plan = planned(
        ALL,
        shot(1, clean=["slivers"], ground="tone", life="still", people=[2]),
        shot(2, clean=["balloons", "frame"], ground="painted", life="moves", people=[1, 2], motion="Rain falls."),
        shot(3),
        shot(4),
    )  # fmt: skip
    first, second, third, _ = plan
    assert first.treatment.clean == ("slivers",)
    assert (first.treatment.outpaint.backend, first.treatment.outpaint.fill) == ("extend", "tone")
    assert first.treatment.animate.backend == "still"
    assert first.characters == ("mika", "ken"), "people are told of by number, in the order of their names"
    assert second.treatment.clean == ("frame", "balloons")
    assert second.treatment.outpaint == USUAL.outpaint
    assert second.treatment.animate == USUAL.animate
    assert second.prompt == "Rain falls."
    assert second.characters == ("ken", "mika")
    assert third.treatment == USUAL


def test_nothing_that_is_read_is_cleaned_away() -> None:
    everything = ["frame", "slivers", "lettering", "balloons"]
    plan = planned(ALL, *(shot(at, clean=everything) for at in (1, 2, 3, 4)))
    assert [one.treatment.clean for one in plan if one.lines] == [("frame", "slivers")] * 3
    assert [set(one.treatment.clean) for one in plan if not one.lines] == [set(everything)]
    only = planned(ALL, *(shot(at, clean=["lettering"]) for at in (1, 2, 3, 4)))
    assert all(one.treatment == USUAL for one in only if one.lines)


@pytest.mark.parametrize("means", [Means(), ALL], ids=["plain", "all"])
@pytest.mark.parametrize(
    "said",
    [
        {"clean": ["everything", "rm -rf"], "ground": "lava", "life": "dances", "people": [99, -1, 0]},
        {"clean": "frame", "ground": ["tone"], "life": None, "people": "mika"},
        {"clean": [["frame"]], "ground": {"backend": "os.system"}, "life": 3, "people": [1.5, True, "2"]},
        {
            "clean": None,
            "ground": "",
            "backend": "os.system",
            "seed": 9,
            "max_generated": 1,
            "treatment": {"clean": []},
        },
    ],
)
def test_hostile_words_are_the_usual(said: dict[str, Any], means: Means) -> None:
    plan = planned(means, *(shot(at, **said) for at in (1, 2, 3, 4)))
    assert {one.treatment for one in plan} == {USUAL}
    assert plan[0].characters == ("mika", "ken") or plan[0].characters == ("ken", "mika")


def test_words_that_were_never_on_offer_are_not_heard() -> None:
    plan = planned(
        Means(), *(shot(at, clean=["balloons"], life="still", ground="painted", people=[2]) for at in range(1, 5))
    )
    assert {one.treatment for one in plan} == {USUAL}
    quiet = planned(Means(), *(shot(at, ground="paper") for at in range(1, 5)))
    assert {(one.treatment.outpaint.backend, one.treatment.outpaint.fill) for one in quiet} == {(None, "paper")}


def test_an_answer_without_these_words_is_a_whole_one() -> None:
    found, fault = read(plan_of(shot(1)), plan_type(ALL, 3))
    assert not fault
    assert found
    assert json.loads(found.model_dump_json())["shots"][0]["clean"] == []


def test_people_are_numbered_once_each() -> None:
    assert people_of(peopled(page_of(GRID))) == ["ken", "mika"]
    assert people_of(page_of(GRID)) == []
