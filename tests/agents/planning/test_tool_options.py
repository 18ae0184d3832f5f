"""Test the tool options that a model is offered: closed words, only what this film has, and defaults for others."""

from __future__ import annotations

import json
from typing import Any

import pytest

from agents.llm.structured_output import parse_answer, strict_schema
from agents.planning.shot_schema import PagePlan, make_plan_type
from agents.planning.tool_options import ToolOptions, people_of
from storage.domain import AnimatePlan, Appearance, Box, OutpaintPlan, PageTranscript, RenderOptions, ShotPlan
from storage.styles import StyleSheet
from tests.agents.planning.layouts import book, page_of
from tests.agents.planning.test_llm_planner import GRID, SPOKEN, directed, plan_of, shot
from tests.loopback import always

ALL = ToolOptions(erases=True, paints=True, animates=True)
USUAL = RenderOptions(outpaint=OutpaintPlan(fill="page"), lettering="timed")


def peopled(page: PageTranscript) -> PageTranscript:
    """Return the page with mika and ken in its first two panels."""
    seen = [("mika", "p0-0"), ("ken", "p0-0"), ("mika", "p0-1")]
    found = [
        Appearance(id=f"c{at}", box=Box(50, 50, 90, 90), character=name, panel=home)
        for at, (name, home) in enumerate(seen)
    ]
    return page.model_copy(update={"characters": tuple(found)})


def offered(means: ToolOptions, people: int = 0) -> dict[str, Any]:
    """Return the closed words of a shot's answer, by field."""
    shot = strict_schema(make_plan_type(means, people, 1, 1))["properties"]["shots"]["items"]["properties"]
    return {name: field.get("enum", field.get("items", {}).get("enum")) for name, field in shot.items()}


def planned(means: ToolOptions, *shots: dict[str, Any], **wishes: Any) -> tuple[ShotPlan, ...]:
    one = book(peopled(page_of(GRID, SPOKEN)))
    plan, director, _ = directed(always(plan_of(*shots)), one, means=means, **wishes)
    assert director.outcome.failed_pages == {}
    return plan


def test_only_the_words_for_what_the_film_has_are_on_offer() -> None:
    plain, rich = offered(ToolOptions(), 2), offered(ALL, 2)
    assert plain["clean"] == ["frame", "slivers"]
    assert plain["ground"] == ["auto", "tone", "blur", "paper"]
    assert not {"life", "people"} & set(plain)
    assert rich["clean"] == ["frame", "slivers", "lettering", "balloons"]
    assert rich["ground"] == ["painted", "tone", "blur", "paper"]
    assert rich["life"] == ["moves", "still"]
    assert "people" in rich
    assert "people" not in offered(ALL), "where nobody is known, nobody can be named"
    assert "life" not in offered(ToolOptions(erases=True, paints=True), 1)
    assert make_plan_type(ALL, 2, 1, 1).__name__ == PagePlan.__name__


def test_what_a_model_says_of_the_tools_is_the_shots_treatment() -> None:
    plan = planned(
        ALL,
        shot(1, clean=["slivers"], ground="tone", life="still", people=[2]),
        shot(2, clean=["balloons", "frame"], ground="painted", life="moves", people=[1, 2], motion="Rain falls."),
        shot(3),
        shot(4),
    )  # fmt: skip
    first, second, third, _ = plan
    assert first.render_options.clean == ("slivers",)
    assert (first.render_options.outpaint.backend, first.render_options.outpaint.fill) == ("extend", "tone")
    assert first.render_options.animate.backend == "still"
    assert first.characters == ("mika", "ken"), "people are told of by number, in the order of their names"
    assert second.render_options.clean == ("frame", "balloons")
    assert second.render_options.outpaint == USUAL.outpaint
    assert second.render_options.animate == USUAL.animate
    assert second.prompt == "Rain falls."
    assert second.characters == ("ken", "mika")
    assert third.render_options == USUAL


def test_what_is_painted_and_what_moves_are_two_wishes_each_with_what_must_not_be_seen() -> None:
    said = {"motion": "Rain falls.", "beyond": "The street\ngoes on.", "not_beyond": "letters", "not_moving": "walls"}
    first, second, third, _ = planned(
        ALL, shot(1, **said), shot(2, ground="tone", life="still", **said), shot(3), shot(4)
    )
    assert first.prompt == "Rain falls."
    assert (first.render_options.outpaint.prompt, first.render_options.outpaint.negative_prompt) == (
        "The street goes on.",
        "letters",
    )
    assert first.render_options.animate.negative_prompt == "walls"
    assert second.render_options.outpaint == OutpaintPlan(backend="extend", fill="tone"), "nothing is painted"
    assert second.render_options.animate == AnimatePlan(backend="still")
    assert third.render_options == USUAL
    unheard = planned(ToolOptions(), *(shot(at, **said, painter="x", ink="over", like=[1]) for at in (1, 2, 3, 4)))
    assert {one.render_options for one in unheard} == {USUAL}
    looked = planned(ALL, *(shot(at, **said) for at in (1, 2, 3, 4)), sheet=StyleSheet(look="soft pencil"))
    assert looked[0].render_options.outpaint.prompt == "The street goes on.; soft pencil"


def test_one_of_the_backends_that_the_film_may_use_is_chosen_and_no_other() -> None:
    means = ToolOptions(paints=True, animates=True, painters=("klein", "sdxl"), animators=("wan", "ltx"))
    words = offered(means)
    assert (words["painter"], words["animator"]) == (["klein", "sdxl"], ["wan", "ltx"])
    assert not {"painter", "animator"} & set(offered(ALL)), "where there is none other, there is no choice"
    chosen = planned(
        means, shot(1, painter="sdxl", animator="ltx"), shot(2, painter="klein"), shot(3, painter="os.system"),
        shot(4, painter="sdxl", animator="ltx", ground="blur", life="still"),
    )  # fmt: skip
    backends = [(one.render_options.outpaint.backend, one.render_options.animate.backend) for one in chosen]
    assert backends == [("sdxl", "ltx"), (None, None), (None, None), ("extend", "still")]


def test_lines_lie_on_top_and_panels_are_looked_at_where_that_is_asked_for() -> None:
    plan = planned(
        ALL, shot(1, ink="over", like=[1, 3, 99, 4, 2]), shot(2, ink="over", life="still", like=[2]),
        shot(3, people=[2], like=[1]), shot(4),
    )  # fmt: skip
    assert [one.render_options.keep_line_art for one in plan] == [True, False, False, False]
    assert plan[0].render_options.references == ("mika", "ken", "p0-2", "p0-3"), (
        "who is seen there, and panels but its own"
    )
    assert plan[1].render_options.references is None
    assert plan[2].render_options.references == ("mika", "p0-0")
    assert "like" not in strict_schema(make_plan_type(ALL, 0, 1, 0))["properties"]["shots"]["items"]["properties"]


def test_nothing_that_is_read_is_cleaned_away() -> None:
    everything = ["frame", "slivers", "lettering", "balloons"]
    plan = planned(ALL, *(shot(at, clean=everything) for at in (1, 2, 3, 4)))
    assert [one.render_options.clean for one in plan if one.balloons] == [("frame", "slivers")] * 3
    assert [set(one.render_options.clean) for one in plan if not one.balloons] == [set(everything)]
    only = planned(ALL, *(shot(at, clean=["lettering"]) for at in (1, 2, 3, 4)))
    assert all(one.render_options == USUAL for one in only if one.balloons)


@pytest.mark.parametrize("means", [ToolOptions(), ALL], ids=["plain", "all"])
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
def test_hostile_words_are_the_usual(said: dict[str, Any], means: ToolOptions) -> None:
    plan = planned(means, *(shot(at, **said) for at in (1, 2, 3, 4)))
    assert {one.render_options for one in plan} == {USUAL}
    assert plan[0].characters == ("mika", "ken") or plan[0].characters == ("ken", "mika")


def test_words_that_were_never_on_offer_are_not_heard() -> None:
    plan = planned(
        ToolOptions(), *(shot(at, clean=["balloons"], life="still", ground="painted", people=[2]) for at in range(1, 5))
    )
    assert {one.render_options for one in plan} == {USUAL}
    quiet = planned(ToolOptions(), *(shot(at, ground="paper") for at in range(1, 5)))
    assert {(one.render_options.outpaint.backend, one.render_options.outpaint.fill) for one in quiet} == {
        (None, "paper")
    }


def test_an_answer_without_these_words_is_a_whole_one() -> None:
    found, fault = parse_answer(plan_of(shot(1)), make_plan_type(ALL, 3, 1, 1))
    assert not fault
    assert found
    assert json.loads(found.model_dump_json())["shots"][0]["clean"] == []


def test_people_are_numbered_once_each() -> None:
    assert people_of(peopled(page_of(GRID))) == ["ken", "mika"]
    assert people_of(page_of(GRID)) == []
