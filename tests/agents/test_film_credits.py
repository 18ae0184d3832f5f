"""Test that the credits name who made the book, and the models that really made the film."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agents import film_credits
from agents.editing import shot_status
from agents.executors import Job
from agents.resolved_shot import ResolvedShot, StepResult
from agents.run_context import RunContext
from agents.stages import cast, composite, ingest, read, storyboard, voice
from storage.book_info import BookCredit, BookInfo
from storage.library import Library
from storage.settings import Settings
from tools.cards import CreditLine

PEOPLE = BookInfo(
    title="Komadori",
    credits=(
        BookCredit(role="story", names=("Mori",)),
        BookCredit(role="art", names=("Mori",)),
        BookCredit(role="translation", names=("Ann", "Bea")),
        BookCredit(role="author", names=("Mori",)),
    ),
    rights="CC BY 4.0",
)


@pytest.fixture
def shots(context: RunContext) -> list[ResolvedShot]:
    for stage in (ingest, read, cast, storyboard):
        stage.run(context, {})
    items = shot_status.attempts_in_force(shot_status.read_only_context(context.library), context.library.shots())
    return [item.resolved for item in items]


def credited(
    context: RunContext, info: BookInfo, shots: list[ResolvedShot]
) -> tuple[tuple[CreditLine, ...], list[str]]:
    card = film_credits.end_card(context, info, shots)
    assert card.maker == film_credits.MAKER
    return card.credits, list(card.notes)


def with_job(resolved: ResolvedShot, tool: str, backend: str) -> ResolvedShot:
    job = Job("k", tool, "s001", composite.make, {"backend": backend})
    return replace(resolved, steps={**resolved.steps, "motions": StepResult(jobs=(job,))})


def test_people_are_named_once_with_all_that_they_did(context: RunContext, shots: list[ResolvedShot]) -> None:
    lines, notes = credited(context, PEOPLE, shots)
    assert [(line.role, line.names) for line in lines] == [("Story, Art, Author", "Mori"), ("Translation", "Ann, Bea")]
    assert notes == ["CC BY 4.0"], "every page was given by hand, and no model drew"
    lines, _ = credited(context, PEOPLE.model_copy(update={"language": "ja"}), shots)
    assert [line.role for line in lines] == ["原作, 作画, 著者", "翻訳"]
    assert film_credits.byline(PEOPLE) == "Mori"
    assert film_credits.ROLES.keys() == film_credits.JAPANESE_ROLES.keys()


def test_a_model_is_named_with_its_licence_where_it_made_a_shot(
    context: RunContext, shots: list[ResolvedShot], monkeypatch: pytest.MonkeyPatch
) -> None:
    moved = [*shots[1:], with_job(shots[0], "animate", "wan_i2v")]
    assert credited(context, BookInfo(), moved)[1] == ["Animation: Wan-AI/Wan2.2-TI2V-5B-Diffusers (apache-2.0)"]
    context.settings = context.settings.model_copy(update={"options": {"animate.wan_i2v": {"model": "some/model"}}})
    assert credited(context, BookInfo(), moved)[1] == ["Animation: some/model"]
    one = [with_job(shots[0], "clean", "klein_inpaint"), with_job(shots[1], "outpaint", "klein_inpaint")]
    assert credited(context, BookInfo(), one)[1] == [
        "Clean-up, Painting: black-forest-labs/FLUX.2-klein-4B (apache-2.0)"
    ]
    upscaled = [*shots[1:], with_job(shots[0], "upscale", "waifu2x")]
    assert credited(context, BookInfo(), upscaled)[1] == ["Upscaling: waifu2x (mit)"]
    assert credited(context, BookInfo(), [with_job(shots[0], "clean", "classic")])[1] == []
    monkeypatch.setattr(Library, "correction", lambda self: None)
    assert credited(context, BookInfo(), shots)[1] == ["Reading: PP-OCRv6 (apache-2.0)"]


def test_the_director_is_named_only_where_a_model_directed(context: RunContext, shots: list[ResolvedShot]) -> None:
    context.settings = context.settings.model_copy(update={"model": "the-model"})
    assert credited(context, BookInfo(), shots)[1] == []
    directed: list[Any] = [
        replace(one, shot=replace(one.shot, plan=one.shot.plan.model_copy(update={"director": "llm"}))) for one in shots
    ]
    assert credited(context, BookInfo(), directed)[1] == ["Direction: the-model"]
    assert Settings().cards


def test_who_speaks_is_named_as_the_voice_asks(context: RunContext, shots: list[ResolvedShot]) -> None:
    assert not any(note.startswith("Voices") for note in credited(context, PEOPLE, shots)[1])
    context.settings = context.settings.model_copy(update={"voice": "tests.outside.CreditedTones"})
    assert not any(note.startswith("Voices") for note in credited(context, PEOPLE, shots)[1]), "nothing was spoken yet"
    voice.run(context, {})
    assert [note for note in credited(context, PEOPLE, shots)[1] if note.startswith("Voices")] == ["Voices: TONES:low"]
