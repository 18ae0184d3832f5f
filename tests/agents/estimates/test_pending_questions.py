"""Test that the command asks exactly the questions that a dry run counts."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run
from agents.estimates import pending_questions
from agents.estimates.dry_run import estimate
from agents.run import RunOptions
from storage.errors import ChatError
from storage.library import Library
from storage.settings import Settings
from tests.agents.comprehension.scripted import understands, willing
from tests.conftest import SMALL, draw_chapter, transcript_of
from tests.loopback import Asked, Said, Script, serving

SETTINGS = Settings(screen=SMALL, preset="ultrafast", crf=30, model="scripted", director="llm")


def but(*refused: int) -> Script:
    """A willing model whose server has gone for these requests."""

    def script(asked: Asked, number: int) -> Said:
        return Said("gone", status=401) if number in refused else willing(asked, number)

    return script


def test_pages_are_counted_one_by_one_and_a_plan_with_pages_left_is_not_said_to_be_answered(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    project, source = tmp_path / "chapter.komadori", draw_chapter(tmp_path / "chapter")
    monkeypatch.delenv("OPENAI_API_KEY", raising=False)

    def planned(script: Script, settings: Settings) -> int:
        with serving(script) as there:
            monkeypatch.setenv("OPENAI_BASE_URL", there.url)
            run.plan(project, settings, RunOptions(source, corrections=transcript_of(2)))
        return len(there.asked)

    def waiting(settings: Settings = SETTINGS) -> tuple[int, int]:
        with Library.open(project, readonly=True) as library:
            read = library.transcript()
            assert read
            return (
                pending_questions.count_pages_to_understand(library, settings, read),
                pending_questions.count_pages_to_plan(library, settings, read),
            )

    with pytest.raises(ChatError):
        planned(but(1), SETTINGS)
    assert waiting() == (1, 2), "one page of two is understood"
    with pytest.raises(ChatError):
        planned(
            lambda asked, n: willing(asked, n) if understands(asked) or n < 2 else Said("gone", status=401), SETTINGS
        )
    assert waiting() == (0, 1), "and one of them planned"
    assert waiting(Settings()) == (0, 0), "the rules ask nothing"
    auto = SETTINGS.model_copy(update={"director": "auto"})
    planned(but(0), auto)
    told = "\n".join(estimate(project, auto, RunOptions(source)))
    assert "1 page was left to the rules, and the model is asked again" in told
    assert "has answered all that is asked" not in told
    assert planned(willing, auto) == 1
    assert "has answered all that is asked" in "\n".join(estimate(project, auto, RunOptions(source)))
