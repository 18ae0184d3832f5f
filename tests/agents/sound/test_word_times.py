"""Test when words of a shot are heard: by the marks of the voice, within its own line and shot, or else while read."""

from __future__ import annotations

from dataclasses import replace

import pytest

from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film
from agents.sound import schedule
from agents.sound.word_times import word_times
from agents.stages import read, voice
from agents.stages.ingest import run as ingest
from agents.stages.storyboard import run as plan
from storage.sound import ShotSound
from tests.agents.sound.test_speech import SPEAKING
from tests.agents.test_moving_faces import with_mika


@pytest.fixture
def spoken(context: RunContext) -> ShotToFilm:
    """The shot with the first line, which a voice says in 1.1 s with a mark for its first second."""
    context.settings, context.corrections = SPEAKING, with_mika()
    context.library.set_settings(SPEAKING)
    for stage in (ingest, read.run, voice.run, plan):
        stage(context, {})
    return next(shot for shot in shots_to_film(context, {}) if shot.plan.balloons)


def test_marks_of_the_voice_say_when_words_are_heard(context: RunContext, spoken: ShotToFilm) -> None:
    ((line, begin),) = schedule.speech_times(spoken, context.settings.screen)
    ((start, end),) = word_times(context, spoken)[line.id]
    assert [start, end] == pytest.approx([begin, begin + 1.0], abs=1e-3)
    short = replace(spoken, plan=spoken.plan.model_copy(update={"seconds": begin + 0.5}))
    ((_, cut),) = word_times(context, short)[line.id]
    assert cut <= begin + 0.5


def test_a_line_that_nobody_says_lasts_while_it_is_read(context: RunContext, spoken: ShotToFilm) -> None:
    (read_at,) = schedule.lettering_times(spoken, spoken.plan.seconds)
    muted = replace(spoken, plan=spoken.plan.model_copy(update={"sound": ShotSound(muted=("voice",))}))
    assert word_times(context, muted) == {read_at[0].id: [read_at[1:]]}
    context.settings = context.settings.model_copy(update={"voice": "none"})
    assert word_times(context, spoken) == {read_at[0].id: [read_at[1:]]}
