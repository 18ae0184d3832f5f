"""The stage: a book is understood once, its gaps are filled, and what a person corrected wins."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from agents import understanding
from agents.fixes import words
from agents.revising import mend
from agents.stages import cast, ingest, read, understand
from agents.workshop import Progress, Workshop
from storage.errors import ChatError
from storage.shapes import PageTranscript
from tests.agents.understanding.people import KID, STRANGER, peopled
from tests.agents.understanding.scripted import told
from tests.loopback import Asked, Loopback, Said, serving

PEOPLE = [{"person": 1, "name": "Mika", "looks": "short hair"}, {"person": 2, "name": "", "looks": "a cap"}]
LINES = [{"balloon": 1, "speaker": 2, "kind": "other"}, {"balloon": 2, "speaker": 1, "kind": "thought"}]
REPAIRS = [{"balloon": 2, "text": "Who is there?"}]


def knowing(asked: Asked, number: int) -> Said:
    return told(asked, people=PEOPLE, lines=LINES, repairs=REPAIRS)


@pytest.fixture
def peopled_shop(shop: Workshop) -> Workshop:
    shop.corrections = peopled()
    return shop


def understood(
    shop: Workshop, monkeypatch: pytest.MonkeyPatch, there: Loopback | None, **changes: object
) -> Sequence[Progress]:
    monkeypatch.setenv("OPENAI_BASE_URL", there.url) if there else monkeypatch.delenv("OPENAI_BASE_URL", raising=False)
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    said: list[Progress] = []
    shop.say = said.append
    shop.settings = shop.settings.model_copy(update={"model": "scripted", **changes})
    shop.library.set_settings(shop.settings)
    for stage in (ingest, read, cast, understand):
        stage.run(shop, {})
    return [one for one in said if one.stage.startswith("underst")]


def pages(shop: Workshop) -> tuple[PageTranscript, ...]:
    transcript = shop.library.transcript()
    assert transcript
    return transcript.pages


def speakers(shop: Workshop) -> list[list[Any]]:
    return [[text.speaker for text in page.texts] for page in pages(shop)]


def test_gaps_are_filled_once_and_stand_without_a_server(
    peopled_shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = peopled_shop
    with serving(knowing) as there:
        said = understood(shop, monkeypatch, there)
        assert len(there.asked) == 2
    assert speakers(shop) == [[KID, STRANGER, None]] * 2
    assert [text.kind for text in pages(shop)[0].texts] == ["speech", "other", "sound"], "the pages are given by hand"
    assert [text.text for text in pages(shop)[0].texts] == ["Hello, Mika!", "Wh0 is th3re?", "BOOM"]
    transcript = shop.library.transcript()
    assert transcript
    assert {one.id: one.name for one in transcript.cast} == {STRANGER: "Mika", KID: "kid"}
    found = understanding.of(shop.library)
    assert [(one.page, one.number, one.after) for one in found.proposals] == [
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
    again = understood(shop, monkeypatch, None)
    assert shop.library.transcript() == transcript
    assert understanding.of(shop.library) == found
    assert len(again) == 1, "nothing is asked, nothing is paid"


def test_with_rules_nothing_is_understood_and_nothing_is_said(
    peopled_shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = peopled_shop
    with serving(knowing) as there:
        understood(shop, monkeypatch, there)
        assert understood(shop, monkeypatch, there, director="rules") == []
        assert len(there.asked) == 2
    assert speakers(shop) == [[None, None, None]] * 2
    assert understanding.of(shop.library).pages == ()


def test_a_page_that_cannot_be_understood_stays_as_it_was_read(
    peopled_shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = peopled_shop
    with serving(lambda asked, number: knowing(asked, 0) if number == 0 else Said("gone", status=401)) as there:
        said = understood(shop, monkeypatch, there)
        assert any("page 2 left as read: scripted at" in one.text and "gone" in one.text for one in said)
        assert speakers(shop) == [[KID, STRANGER, None], [None, None, None]]
        again = understood(shop, monkeypatch, there)
        assert any("page 2 left as read: scripted at" in one.text for one in again), "as long as it is so, it is said"
        assert len(there.asked) == 3
        with pytest.raises(ChatError, match="gone"):
            understood(shop, monkeypatch, there, director="llm")
    source, shop.source = shop.source, None
    with serving(knowing) as there:
        assert any("gone" in one.text for one in understood(shop, monkeypatch, there, director="auto"))
        assert len(there.asked) == 0, "who revises asks about nothing that was left"
        shop.source = source
        understood(shop, monkeypatch, there)
        assert len(there.asked) == 1, "the same command goes on with it"
    assert speakers(shop) == [[KID, STRANGER, None]] * 2
    assert understanding.of(shop.library).left == {}


def test_a_named_model_without_a_server_leaves_all_as_read(
    peopled_shop: Workshop, monkeypatch: pytest.MonkeyPatch
) -> None:
    shop = peopled_shop
    said = understood(shop, monkeypatch, None)
    assert "pages 1-2 left as read: the model scripted is named, but no server" in said[-1].text
    with pytest.raises(ChatError, match="no server"):
        understood(shop, monkeypatch, None, director="llm")
    with serving(knowing) as there:
        understood(shop, monkeypatch, there)
        assert len(there.asked) == 2


def test_what_a_person_corrects_wins(peopled_shop: Workshop, monkeypatch: pytest.MonkeyPatch) -> None:
    shop = peopled_shop
    with serving(knowing) as there:
        understood(shop, monkeypatch, there)
        lines = ["page 1 speaker 1 nobody", f"page 1 speaker 2 {KID}", f"rename {STRANGER} Aya", "page 2 speaker 3 kid"]
        mend.mend(shop.library, [words.parse(line) for line in lines], author="hand")
        assert speakers(shop) == [["", KID, None], [KID, STRANGER, KID]]
        transcript = shop.library.transcript()
        assert transcript
        assert {one.id: one.name for one in transcript.cast} == {STRANGER: "Aya", KID: "kid"}
        assert len(there.asked) == 2, "who says what changes no picture: nothing is asked again"
        mend.mend(shop.library, [words.parse('page 1 text 2 "Is it you?"')], author="hand")
        assert len(there.asked) == 3, "another text is another page"
    assert [one.page for one in understanding.of(shop.library).proposals] == [1], "a person has said what is lettered"
    for _ in range(5):
        shop.library.undo_correction()
    mend.plan(shop.library, lambda progress: None)
    assert speakers(shop) == [[KID, STRANGER, None]] * 2
    assert len(understanding.of(shop.library).proposals) == 2
