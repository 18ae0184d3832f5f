"""Test films directed by a model that sees no pictures: it is found out once, said, and asked the same in words."""

from __future__ import annotations

import json

import pytest

from agents.estimates import pending_questions
from agents.llm.model_facts import recall_facts
from agents.llm.servers import configured_server
from agents.planning import llm_planning
from agents.planning.validation import violations
from agents.run_context import RunContext
from agents.stages import storyboard
from main import main
from storage.library import Library
from tests.agents.comprehension.scripted import sense_of
from tests.agents.planning.test_llm_planner import panels_in
from tests.agents.planning.test_llm_planning import notes, plan
from tests.conftest import transcript_of
from tests.loopback import Asked, Loopback, Said, Script, always, look_at_discs, serving, serving_text_only

IGNORES_PICTURES = always('{"discs": 0, "colour": "none", "ground": "other"}')


def directs(asked: Asked, number: int) -> Said:
    """Answer what is asked by a look at the page, or about its words."""
    if "Page" in asked.name and "Plan" not in asked.name:
        return Said(json.dumps(sense_of(asked)))
    shots = [
        {"panels": [at], "framing": "push-in" if at == 2 else "hold", "reason": "they talk"} for at in panels_in(asked)
    ]
    return Said(json.dumps({"shots": shots}))


def kinds_of(there: Loopback) -> list[tuple[str, bool]]:
    """Return the name of the answer of each question, and whether it came with a picture."""
    return [(asked.name, bool(asked.pictures)) for asked in there.asked]


IN_WORDS = [("TextOnlyPageAnswer", False)] * 2 + [("TextOnlyPlan", False)] * 2
BY_SIGHT = [("PageAnswer", True)] * 2 + [("PagePlan", True)] * 2


@pytest.mark.parametrize("status", [500, 400, 404, 422, 200])
def test_a_model_without_vision_directs_in_words_and_the_summary_says_so(
    status: int, context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    serves = serving(directs, probe=IGNORES_PICTURES) if status == 200 else serving_text_only(directs, status)
    with serves as there:
        said = plan(context, monkeypatch, there)
        assert kinds_of(there) == IN_WORDS
        facts = recall_facts(context.library, configured_server("scripted"))
        assert facts.has_vision is False
        assert facts.reason in notes(said)
        assert "again" not in [line for line in notes(said).splitlines() if "asks about" in line], (
            "nothing was given up"
        )
        shots, probes = context.library.shots(), len(there.probes)
        assert {shot.director for shot in shots} == {"llm"}
        assert violations(shots, context.library.transcript() or transcript_of(2), context.settings.screen) == []
        head = context.library.head()
        said = plan(context, monkeypatch, there)
        assert facts.reason in notes(said), "it is said of every film of this model"
        plan(context, monkeypatch, None)
        assert context.library.head() == head, "what is planned needs no server"
        assert (len(there.asked), len(there.probes)) == (4, probes), "it is found once, and asked nothing again"
        assert not llm_planning.unplanned_pages(context.library, context.settings, transcript_of(2))
        assert not pending_questions.count_pages_to_understand(context.library, context.settings, transcript_of(2))


def test_the_question_in_words_holds_the_places_and_looks_of_what_is_not_seen(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_text_only(directs) as there:
        plan(context, monkeypatch, there)
    understood, planned = there.asked[0], there.asked[2]
    places = {"left", "top", "width", "height"}
    for asked in (understood, planned):
        (balloon,) = [row for row in asked.data() if "text" in row]
        assert (balloon["left"], balloon["top"], balloon["width"]) == (0.1, 0.07, 0.2), "fractions of the page"
        panels = [row for row in asked.data() if "balloons" in row]
        assert len(panels) == 4
        assert all(places <= row.keys() for row in panels)
    assert all(
        {"bright", "detail", "near", "moves"} <= row.keys() for row in planned.data() if "reading_seconds" in row
    )
    schema = planned.body["response_format"]["json_schema"]["schema"]["properties"]["shots"]["items"]["properties"]
    assert "close-on" not in schema["framing"]["enum"]
    assert schema["panels"]["items"]["enum"] == [1, 2, 3, 4]
    bounds = [asked.body["max_tokens"] for asked in there.asked]
    assert all(bound < 2000 for bound in bounds), bounds


def test_what_was_planned_unseen_is_planned_again_once_the_model_sees(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_text_only(directs) as there:
        plan(context, monkeypatch, there)
    eyes: list[Script] = [look_at_discs]

    def probe(asked: Asked, number: int) -> Said:
        return eyes[0](asked, number)

    with serving(directs, probe=probe) as there:
        plan(context, monkeypatch, there)
        assert there.asked == [], "a new address is no reason to doubt a plan that stands"
        monkeypatch.setenv("KOMADORI_MODEL", "scripted")
        project = context.library.folder
        context.library.close()
        assert main(["doctor", str(project)]) == 0
        with Library.open(project) as library:
            context.library = library
            assert recall_facts(library, configured_server()).has_vision
            there.asked.clear()
            plan(context, monkeypatch, there)
            assert kinds_of(there) == BY_SIGHT
            seen = library.head()
            eyes[0] = IGNORES_PICTURES
    with Library.open(project) as library, serving_text_only(directs) as there:
        context.library = library
        plan(context, monkeypatch, there)
        assert there.asked == []
        assert library.head() == seen, "what was planned by sight stays, though the model lost it"


def test_a_page_that_is_faulty_in_words_is_repaired_or_left_to_the_rules(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    def script(asked: Asked, number: int) -> Said:
        if asked.name != "TextOnlyPlan":
            return directs(asked, number)
        return Said(json.dumps({"shots": [{"panels": [4], "framing": "hold"}, {"panels": [1], "framing": "close-on"}]}))

    with serving_text_only(script) as there:
        plan(context, monkeypatch, there)
    assert {shot.director for shot in context.library.shots()} == {"rules"}, "a framing that needs eyes was not offered"

    def backward(asked: Asked, number: int) -> Said:
        if asked.name != "TextOnlyPlan":
            return directs(asked, number)
        return Said(json.dumps({"shots": [{"panels": [4], "framing": "hold"}, {"panels": [1], "framing": "hold"}]}))

    with serving_text_only(backward) as there:
        plan(context, monkeypatch, there, model="another")
    assert {shot.director for shot in context.library.shots()} == {"llm", "rules"}
    assert violations(context.library.shots(), transcript_of(2), context.settings.screen) == []


def test_another_aspect_of_a_film_planned_in_words_keeps_a_key_of_its_own(
    context: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    with serving_text_only(directs) as there:
        plan(context, monkeypatch, there)
        head = context.library.head()
        assert head
        assert storyboard.key_of(context, context.settings.screen) == head.key
        tall = context.settings.screen.model_copy(update={"width": 180, "height": 320})
        assert storyboard.key_of(context, tall) != head.key
