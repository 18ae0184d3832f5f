"""Gather what the cues of a film stand for: recorded lines, a person's own sounds, and its music."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import cache
from pathlib import Path
from typing import get_args

from agents.editing.recordings import keep_recording
from agents.run_context import RunContext
from agents.sound import speech
from agents.sound.soundtrack import Recording, SoundSources
from agents.sound.speech_facts import choose_backends
from storage.domain import Made
from storage.errors import KomadoriError
from storage.sound import Mood, MusicCue, SoundKind
from tools.sound_effects.samples import SampleFolder
from tools.speak import Emotion

EMOTION_GAINS: Mapping[Emotion, float] = {"": 0.0, "shout": 2.0, "whisper": -6.0}
"""Decibels by which lines are louder than others: far less than people are, so that all of them are understood."""


def sound_sources(context: RunContext) -> SoundSources:
    """Return what is heard where a cue asks for it. A sound that cannot be had is left out, and named."""
    if not choose_backends(context.settings, context.library):
        return SoundSources({}, {}, _sample_finder(context), _music(context))
    transcript = context.library.transcript()
    assert transcript is not None, "read comes before mix"
    book = speech.spoken_book(context.settings, context.library, transcript)
    recorded = speech.recorded_lines(context.settings, context.library, book)
    lines = {balloon: _recording(line.made, book.lines[balloon][1].emotion) for balloon, line in recorded.items()}
    return SoundSources(lines, book.reactions, _sample_finder(context), _music(context))


def _recording(made: Made, emotion: Emotion) -> Recording:
    gain = float(str(made.facts["gain"])) + EMOTION_GAINS[emotion]
    return Recording(made.artifacts["voice"].sha256, float(str(made.facts["seconds"])), round(gain, 3))


def _sample_finder(context: RunContext) -> Callable[[SoundKind | None, str, int], str]:
    """Return a function that finds a recording of the person's folder, and keeps it in the project."""
    if not context.settings.sounds:
        return lambda kind, lettering, seed: ""
    try:
        folder = SampleFolder(Path(context.settings.sounds))
        folder.find(None, "", 0)  # it is read here, so that a folder that cannot be read is named once
    except KomadoriError as error:
        context.note("mix", f"the sounds of {context.settings.sounds} are left out: {error.what}")
        return lambda kind, lettering, seed: ""

    @cache
    def find(kind: SoundKind | None, lettering: str, seed: int) -> str:
        """Return the hash of the recording; "" where there is none that can be played."""
        try:
            path = folder.find(kind, lettering, seed)
            return keep_recording(context.library, str(path)) if path else ""
        except KomadoriError as error:
            context.note("mix", f"a sound of {folder.folder} is left out: {error.what}")
            return ""

    return find


def _music(context: RunContext) -> MusicCue | None:
    """Return what music plays from the first shot on."""
    named = context.settings.music
    if not named:
        return None
    if named in get_args(Mood):
        return MusicCue.model_validate({"mood": named})
    try:
        return MusicCue(file=keep_recording(context.library, named))
    except KomadoriError as error:
        context.note("mix", f"no music: {error.what}")
        return None
