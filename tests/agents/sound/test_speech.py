"""Voices decide how long shots last: who speaks, what is made again where a line changes, and what stays silent."""

from __future__ import annotations

import math
from collections import Counter
from pathlib import Path

import pytest

from agents import run
from agents.corrections import SetText, replan
from agents.llm.budget import total_spent
from agents.planning.panels import BREATH_SECONDS, SPEECH_DELAY
from agents.run import RunOptions
from agents.run_context import RunContext
from agents.sound import speech
from agents.sound.tracks import Soundtrack
from agents.stages import mix, voice
from storage.domain import Balloon, ShotPlan, Transcript
from storage.errors import BackendError
from storage.library import Library
from storage.settings import Settings
from tests.conftest import SMALL, InProcessExecutor, transcript_of
from tests.tools.sounds import level_in_decibels
from tools.audio import SAMPLE_RATE
from tools.audio.files import read_audio

TONES = "tests.outside.Tones"
SPEAKING = Settings(screen=SMALL, preset="ultrafast", crf=30, voice=TONES)
LONG = "this is a long line that takes more time to say than to read"


def book(**texts: str) -> Transcript:
    """The chapter with other texts, by the id of the balloon."""

    def changed(balloon: Balloon) -> Balloon:
        return balloon.model_copy(update={"text": texts.get(balloon.id, balloon.text)})

    whole = transcript_of(2)
    pages = tuple(page.model_copy(update={"balloons": tuple(map(changed, page.balloons))}) for page in whole.pages)
    return whole.model_copy(update={"pages": pages})


def facing(transcript: Transcript) -> Transcript:
    """The chapter with the tail of its first line at the left of its panel, and that of its second one at the right."""
    pages = []
    for page in transcript.pages:
        box = page.panels[0].box
        tail = box.x0 if page.index == 0 else box.x1, box.y1
        pages.append(page.model_copy(update={"balloons": (page.balloons[0].model_copy(update={"tail": tail}),)}))
    return transcript.model_copy(update={"pages": tuple(pages)})


def plans(project: Path) -> dict[str, ShotPlan]:
    """Return the shots that read a line, by its balloon."""
    with Library.open(project, readonly=True) as library:
        return {name: plan for plan in library.shots() for name in plan.balloons}


def soundtrack(project: Path) -> Soundtrack:
    with Library.open(project, readonly=True) as library:
        cut = library.cut()
        assert cut is not None
        film = library.find_made(cut.key)
        assert film is not None
        mixed = library.find_made(str(film.facts["mix"]))
        assert mixed is not None
        return mix.soundtrack_of(RunContext(library, SPEAKING, InProcessExecutor(project)), mixed)


def made_of(project: Path, after: int = 0) -> Counter[str]:
    with Library.open(project, readonly=True) as library:
        return Counter(str(event.facts["tool"]) for event in library.events(kinds={"made"})[after:])


@pytest.mark.film
def test_a_long_line_keeps_its_shot_until_it_is_said(tmp_path: Path, chapter: Path) -> None:
    project = tmp_path / "p.komadori"
    film = run.animate(project, SPEAKING, RunOptions(chapter, corrections=facing(book(**{"t0-0": LONG})))).film
    with Library.open(project, readonly=True) as library:
        transcript = library.transcript()
    assert transcript is not None
    spoken = {line.id: line.spoken_seconds for page in transcript.pages for line in page.balloons}
    assert spoken == {"t0-0": pytest.approx(len(LONG) * 0.1), "t1-0": pytest.approx(1.1)}
    assert plans(project)["t0-0"].seconds >= SPEECH_DELAY + spoken["t0-0"] + BREATH_SECONDS
    lines = soundtrack(project).lines
    assert [line.balloon for line in lines] == ["t0-0", "t1-0"]
    assert [(line.end - line.start) / SAMPLE_RATE for line in lines] == pytest.approx([*spoken.values()], abs=1e-3)
    assert lines[0].pan < -0.1 < 0.1 < lines[1].pan, "the first speaker stands at the left"
    assert film is not None
    heard = read_audio(film)
    for line in lines:
        left, right = (level_in_decibels(heard[line.start : line.end, side]) for side in (0, 1))
        angle = (line.pan + 1) * math.pi / 4
        assert left - right == pytest.approx(-20 * math.log10(math.tan(angle)), abs=0.5), "at constant power"


@pytest.mark.film
def test_a_corrected_line_is_said_again_and_its_shot_timed_again_and_nothing_else(
    tmp_path: Path, chapter: Path
) -> None:
    project = tmp_path / "p.komadori"
    film = run.animate(project, SPEAKING, RunOptions(chapter, corrections=book(**{"t0-0": LONG}))).film
    assert film is not None
    content = film.read_bytes()
    before, seen = plans(project), sum(made_of(project).values())
    replan.correct_project(project, [SetText(page=1, balloon=1, text="now it is short")])
    run.animate(project, SPEAKING, RunOptions())
    after = plans(project)
    assert after["t0-0"].seconds < before["t0-0"].seconds
    assert after["t1-0"] == before["t1-0"]
    made = made_of(project, seen)
    assert (made["speak"], made["composite"], made["clean"]) == (1, 1, 0)
    replan.undo(project)
    run.animate(project, SPEAKING, RunOptions())
    assert film.read_bytes() == content


@pytest.mark.film
def test_a_line_that_cannot_be_said_is_silent_and_named(tmp_path: Path, chapter: Path) -> None:
    project = tmp_path / "p.komadori"
    run.animate(project, SPEAKING, RunOptions(chapter, corrections=book(**{"t0-0": "an unspeakable thing"})))
    assert [line.balloon for line in soundtrack(project).lines] == ["t1-0"]
    with Library.open(project, readonly=True) as library:
        notes = [event.text for event in library.events(kinds={"note"}) if event.stage == "voice"]
    assert len(notes) == 1
    assert "t0-0" in notes[0]


@pytest.mark.film
def test_without_voices_the_film_is_what_it_was(tmp_path: Path, chapter: Path) -> None:
    project, silent = tmp_path / "p.komadori", SPEAKING.model_copy(update={"voice": "none"})
    first = run.animate(project, silent, RunOptions(chapter, corrections=book(**{"t0-0": LONG}))).film
    assert first is not None
    content = first.read_bytes()
    run.animate(project, SPEAKING, RunOptions(chapter))
    assert first.read_bytes() != content
    run.animate(project, silent, RunOptions(chapter))
    assert first.read_bytes() == content


def test_a_line_without_a_voice_for_its_language_is_named_and_a_gasp_is_no_word(context: RunContext) -> None:
    transcript = book(**{"t0-0": "えっ", "t1-0": "こんにちは、みなさん"})
    pages = tuple(
        page.model_copy(update={"balloons": tuple(b.model_copy(update={"language": "ja"}) for b in page.balloons)})
        for page in transcript.pages
    )
    said = speech.spoken_book(SPEAKING, context.library, transcript.model_copy(update={"pages": pages}))
    assert {balloon: cue.kind for balloon, cue in said.reactions.items()} == {"t0-0": "gasp"}
    plan = speech.plan_speech(SPEAKING, context.library, said, TONES)
    assert (plan.jobs, set(plan.voiceless)) == ({}, {"t1-0"})


def test_a_backend_that_is_none_is_refused(context: RunContext) -> None:
    context.settings = SPEAKING.model_copy(update={"voice": "nobody-knows-it"})
    context.library.set_transcript(book())
    with pytest.raises(BackendError):
        voice.run(context, {})


def test_a_paid_voice_speaks_as_far_as_the_budget_goes_and_is_paid_once(context: RunContext) -> None:
    """Eleven characters cost eleven cents."""
    context.library.set_transcript(book())
    context.settings = SPEAKING.model_copy(update={"voice": "tests.outside.PaidTones", "max_cost": 0.15})

    def spoken() -> list[str]:
        voice.run(context, {})
        transcript = context.library.transcript()
        assert transcript is not None
        return [line.id for page in transcript.pages for line in page.balloons if line.spoken_seconds]

    def paid() -> float:
        return total_spent(context.library.events(kinds={"asked"}))[1]

    assert spoken() == ["t0-0", "t1-0"], "the same words are said once for both lines"
    other = book(**{"t1-0": "hello again"})
    context.library.set_transcript(other)
    assert spoken() == ["t0-0"]
    assert paid() == pytest.approx(0.11)
    context.settings = context.settings.model_copy(update={"max_cost": 0.25})
    assert spoken() == ["t0-0", "t1-0"]
    assert spoken() == ["t0-0", "t1-0"]
    assert paid() == pytest.approx(0.22)
