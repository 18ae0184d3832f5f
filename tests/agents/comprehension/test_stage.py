"""Test the stage: a book is understood once, its gaps are filled, and corrections by hand win."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agents import comprehension
from agents.corrections import grammar, replan
from agents.run_context import Progress, RunContext
from agents.stages import cast, ingest, read, understand
from storage.domain import PageTranscript
from storage.errors import ChatError
from tests.agents.comprehension.people import KID, STRANGER, peopled
from tests.agents.comprehension.scripted import page_reply
from tests.loopback import Asked, Loopback, Said, serving

PEOPLE = [{"person": 1, "name": "Mika", "looks": "short hair"}, {"person": 2, "name": "", "looks": "a cap"}]
LINES = [{"balloon": 1, "speaker": 2, "kind": "other"}, {"balloon": 2, "speaker": 1, "kind": "thought"}]
REPAIRS = [{"balloon": 2, "text": "Who is there?"}]


def knowing(asked: Asked, number: int) -> Said:
    return page_reply(asked, people=PEOPLE, lines=LINES, repairs=REPAIRS)


@pytest.fixture
def peopled_shop(context: RunContext) -> RunContext:
    context.corrections = peopled()
    return context


def understood(
    context: RunContext, monkeypatch: pytest.MonkeyPatch, there: Loopback | None, **changes: object
) -> Sequence[Progress]:
    monkeypatch.setenv("OPENAI_BASE_URL", there.url) if there else monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    said: list[Progress] = []
    context.on_progress = said.append
    context.settings = context.settings.model_copy(update={"model": "scripted", **changes})
    context.library.set_settings(context.settings)
    for stage in (ingest, read, cast, understand):
        stage.run(context, {})
    return [one for one in said if one.stage.startswith("underst")]


def pages(context: RunContext) -> tuple[PageTranscript, ...]:
    transcript = context.library.transcript()
    assert transcript
    return transcript.pages


def speakers(context: RunContext) -> list[list[Any]]:
    return [[text.speaker for text in page.balloons] for page in pages(context)]


def test_gaps_are_filled_once_and_stand_without_a_server(
    peopled_shop: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = peopled_shop
    with serving(knowing) as there:
        said = understood(context, monkeypatch, there)
        assert len(there.asked) == 2
    assert speakers(context) == [[KID, STRANGER, None]] * 2
    assert [text.kind for text in pages(context)[0].balloons] == ["speech", "other", "sound"], (
        "the pages are given by hand"
    )
    assert [text.text for text in pages(context)[0].balloons] == ["Hello, Mika!", "Wh0 is th3re?", "BOOM"]
    transcript = context.library.transcript()
    assert transcript
    assert {character.id: character.name for character in transcript.cast} == {STRANGER: "Mika", KID: "kid"}
    found = comprehension.comprehension_of(context.library)
    assert [(proposal.page, proposal.number, proposal.after) for proposal in found.proposals] == [
        (0, 2, "Who is there?"), (1, 2, "Who is there?"),
    ]  # fmt: skip
    assert found.looks_of(KID) == "a cap"
    assert [(one.kind, one.done) for one in said if one.stage == "understanding"] == [
        ("begin", 0), ("made", 1), ("end", 2),
    ]  # fmt: skip
    note = next(one.text for one in said if one.kind == "note")
    assert (
        note == "2 pages understood by scripted; 4 speakers filled in; 2 texts doubted (see: main.py fix PROJECT list)"
    )
    again = understood(context, monkeypatch, None)
    assert context.library.transcript() == transcript
    assert comprehension.comprehension_of(context.library) == found
    assert len(again) == 1, "nothing is asked, nothing is paid"


def test_with_rules_nothing_is_understood_and_nothing_is_said(
    peopled_shop: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = peopled_shop
    with serving(knowing) as there:
        understood(context, monkeypatch, there)
        assert understood(context, monkeypatch, there, director="rules") == []
        assert len(there.asked) == 2
    assert speakers(context) == [[None, None, None]] * 2
    assert comprehension.comprehension_of(context.library).pages == ()


def test_a_page_that_cannot_be_understood_stays_as_it_was_read(
    peopled_shop: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = peopled_shop
    with serving(lambda asked, number: knowing(asked, 0) if number == 0 else Said("gone", status=401)) as there:
        said = understood(context, monkeypatch, there)
        assert any("page 2 left as read: scripted at" in one.text and "gone" in one.text for one in said)
        assert speakers(context) == [[KID, STRANGER, None], [None, None, None]]
        again = understood(context, monkeypatch, there)
        assert any("page 2 left as read: scripted at" in one.text for one in again), "as long as it is so, it is said"
        assert len(there.asked) == 3
        with pytest.raises(ChatError, match="gone"):
            understood(context, monkeypatch, there, director="llm")
    source, context.source = context.source, None
    with serving(knowing) as there:
        assert any("gone" in one.text for one in understood(context, monkeypatch, there, director="auto"))
        assert len(there.asked) == 0, "who revises asks about nothing that was left"
        context.source = source
        understood(context, monkeypatch, there)
        assert len(there.asked) == 1, "the same command goes on with it"
    assert speakers(context) == [[KID, STRANGER, None]] * 2
    assert comprehension.comprehension_of(context.library).left == {}


def test_a_named_model_without_a_server_leaves_all_as_read(
    peopled_shop: RunContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    context = peopled_shop
    said = understood(context, monkeypatch, None)
    assert "pages 1-2 left as read: the model scripted is named, but no server" in said[-1].text
    with pytest.raises(ChatError, match="no server"):
        understood(context, monkeypatch, None, director="llm")
    with serving(knowing) as there:
        understood(context, monkeypatch, there)
        assert len(there.asked) == 2


def test_what_a_person_corrects_wins(peopled_shop: RunContext, monkeypatch: pytest.MonkeyPatch) -> None:
    context = peopled_shop
    with serving(knowing) as there:
        understood(context, monkeypatch, there)
        lines = ["page 1 speaker 1 nobody", f"page 1 speaker 2 {KID}", f"rename {STRANGER} Aya", "page 2 speaker 3 kid"]
        replan.correct_library(context.library, [grammar.parse_line(line) for line in lines], author="hand")
        assert speakers(context) == [["", KID, None], [KID, STRANGER, KID]]
        transcript = context.library.transcript()
        assert transcript
        assert {character.id: character.name for character in transcript.cast} == {STRANGER: "Aya", KID: "kid"}
        assert len(there.asked) == 2, "who says what changes no picture: nothing is asked again"
        replan.correct_library(context.library, [grammar.parse_line('page 1 text 2 "Is it you?"')], author="hand")
        assert len(there.asked) == 3, "another text is another page"
    assert [proposal.page for proposal in comprehension.comprehension_of(context.library).proposals] == [1], (
        "a person has said what is lettered"
    )
    for _ in range(5):
        context.library.undo_correction()
    replan.replan(context.library, lambda progress: None)
    assert speakers(context) == [[KID, STRANGER, None]] * 2
    assert len(comprehension.comprehension_of(context.library).proposals) == 2
