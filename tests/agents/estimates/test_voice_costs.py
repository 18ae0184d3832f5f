"""Test what the voices of a film are estimated to take: all lines of a new book, and those that are missing later."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.estimates import cost_table
from agents.estimates.dry_run import estimate
from agents.estimates.voice_costs import LINES_A_PAGE, VoiceCost, voice_cost
from agents.run import RunOptions
from agents.run_context import RunContext
from agents.stages import voice
from storage.errors import BackendError
from storage.settings import Settings
from tests.agents.sound.test_fallback_voice import japanese
from tests.agents.sound.test_speech import SPEAKING, book
from tools import backends

PAID = SPEAKING.model_copy(update={"voice": "tests.outside.PaidTones"})
HELLO = book(**{"t1-0": "hello again"})
"""Two lines of eleven characters, at a cent each."""


def test_a_new_book_is_guessed_by_its_pages() -> None:
    cost = voice_cost(PAID, None, None, pages=10)
    assert (cost.backend, cost.lines, cost.missing) == (PAID.voice, 10 * LINES_A_PAGE, None)
    assert cost.dollars == pytest.approx(0.01 * 10 * LINES_A_PAGE * 23.4, abs=0.01)
    assert voice_cost(SPEAKING, None, None, pages=10).dollars == 0
    assert voice_cost(SPEAKING.model_copy(update={"voice": "none"}), None, None, pages=10) == VoiceCost()


def test_only_lines_that_are_not_recorded_are_counted(context: RunContext) -> None:
    context.settings, library = PAID, context.library
    library.set_transcript(HELLO)
    assert voice_cost(PAID, library, HELLO, pages=2).dollars == pytest.approx(0.22)
    twice = book()
    assert voice_cost(PAID, library, twice, pages=2).lines == 1, "equal lines are recorded once"
    voice.run(context, {})
    assert voice_cost(PAID, library, HELLO, pages=2).lines == 0
    assert voice_cost(PAID, library, book(**{"t1-0": "bye"}), pages=2).dollars == pytest.approx(0.03)


def test_a_server_is_not_asked_what_its_lines_would_cost(context: RunContext) -> None:
    nowhere = SPEAKING.model_copy(
        update={"voice": "voicevox", "options": {"speak.voicevox": {"url": "http://127.0.0.1:9"}}}
    )
    cost = voice_cost(nowhere, context.library, japanese(), pages=2)
    assert (cost.lines, cost.dollars, cost.missing) == (2, 0.0, None)


def test_a_price_that_is_not_known_and_a_server_that_is_not_named_are_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)
    nameless = SPEAKING.model_copy(update={"voice": "openai"})
    assert isinstance(voice_cost(nameless, None, None, pages=2).missing, BackendError)
    monkeypatch.setenv("KOMADORI_SPEECH_URL", "https://voices.example/v1")
    backends._load.cache_clear()
    cost = voice_cost(nameless, None, None, pages=2)
    backends._load.cache_clear()
    assert (cost.lines, cost.dollars) == (16, None)
    (row,) = cost_table.voice_rows(cost)
    assert cost_table.describe_cost([row], nameless).startswith("not known for 16 lines")


def test_the_estimate_names_what_voices_cost_beside_the_bound(
    tmp_path: Path, chapter: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def said(settings: Settings) -> dict[str, str]:
        found = estimate(tmp_path / "p.komadori", settings, RunOptions(chapter))
        return {line[:10].strip(): line[10:] for line in found}

    paid = said(PAID.model_copy(update={"max_cost": 5.0}))
    assert paid["to speak"] == "16 lines by tests.outside.PaidTones"
    assert paid["money"].startswith("about 3.75 dollars for 16 lines, never more than 5.00")
    assert said(SPEAKING)["money"] == "none: no model is asked"
    monkeypatch.setenv("OPENAI_API_KEY", "sk")
    both = said(PAID.model_copy(update={"model": "gpt-4o", "director": "llm"}))["money"]
    assert "gpt-4o" in both
    assert "PaidTones" in both
