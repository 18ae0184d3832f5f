"""Decide which line is said by which voice, and build the jobs that record them."""

from __future__ import annotations

import json
import os
from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

from agents import backend_jobs
from agents.comprehension import comprehension_of
from agents.executors import Job
from agents.planning.sound_cues import effect_of
from agents.run_context import RunContext
from agents.voices.casting import AssignedVoice, Casting, cast_voices
from agents.voices.spoken_text import Spoken, spoken_text
from agents.voices.voice_table import VoiceTable, read_voice_table
from storage.artifacts import Artifacts
from storage.domain import Balloon, Made, Transcript
from storage.settings import Options, Settings
from storage.sound import SoundCue
from tools import backends
from tools.audio.files import write_flac
from tools.mixing.voice_level import level_voice
from tools.speak import load_speech_backend, price_a_character

VERSION = 1
"""Raised when the same line is recorded differently: part of the content keys."""
VOICE_VARIABLE = "KOMADORI_VOICE"
"""The environment variable that says which backend speaks where the settings leave it open."""
NOBODY = "none"
RECORDINGS = "cast"
"""The backend that takes recordings of actors."""
PACKAGED = "kokoro"
"""The backend that speaks by itself where its packages are installed."""


@dataclass(frozen=True)
class SpeechPlan:
    """What is said in a book.

    Attributes:
        jobs: The job that records each spoken line, by the id of its balloon.
        reactions: The sounds of lines without words, such as a gasp, by the id of the balloon.
        unspoken: Why lines are silent that could be spoken, in words.
        backend: What speaks; "" for nobody.
        price: US dollars for each character of a line; 0 where it costs nothing, or the price is not known.
    """

    jobs: dict[str, Job] = field(default_factory=dict)
    reactions: dict[str, SoundCue] = field(default_factory=dict)
    unspoken: tuple[str, ...] = ()
    backend: str = ""
    price: float = 0.0

    def price_of(self, job: Job) -> float:
        """Return what it costs to record a line, in US dollars."""
        return self.price * len(str(job.arguments["text"]))


def choose_backend(settings: Settings) -> str:
    """Return the name of the backend that speaks; "" where nobody does.

    `auto` takes the backend that the environment names, else the packaged one where its packages are installed.
    """
    name = settings.voice
    if name == "auto":
        name = os.environ.get(VOICE_VARIABLE, "").strip() or (
            NOBODY if backends.describe_backend("speak", PACKAGED).missing else PACKAGED
        )
    return "" if name == NOBODY or not settings.sound else name


def plan_speech(context: RunContext, transcript: Transcript) -> SpeechPlan:
    """Return what is said in a book, and by whom. Records nothing.

    Raises:
        BackendError: The chosen backend is none, or its server does not answer.
        PackageMissing: The chosen backend needs a package that is not installed.
    """
    name = choose_backend(context.settings)
    if not name:
        return SpeechPlan()
    backend = load_speech_backend(name, **context.settings.options_of("speak", name))
    table = read_voice_table(Path(context.settings.cast)) if context.settings.cast else VoiceTable()
    lines = list(_spoken_lines(transcript, context.library.info().language, table.readings))
    seen = comprehension_of(context.library, context.settings, transcript).voice_kinds()
    castings = {
        language: cast_voices(transcript, backend.voices(language), language, table=table.voices, seen=seen)
        for language in sorted({spoken.language for _, spoken in lines})
    }
    jobs, reactions = dict[str, Job](), dict[str, SoundCue]()
    for balloon, spoken in lines:
        if spoken.sound is not None and spoken.sound != "silence":
            reactions[balloon.id] = SoundCue(kind=spoken.sound, balloon=balloon.id)
        elif spoken.text and (voice := castings[spoken.language].voice_of(balloon)):
            jobs[balloon.id] = _job(context, name, balloon, spoken, voice)
    return SpeechPlan(jobs, reactions, tuple(_unspoken(name, castings)), name, price_a_character(backend) or 0.0)


def make(artifacts: Artifacts, *, backend: str, options: Options, text: str, **said: str | float) -> Made:
    """Record one line; the result holds the gain that brings it to the loudness of all voices."""
    speech = load_speech_backend(backend, **options).speak(text, **said)  # type: ignore[arg-type]
    path = artifacts.temporary(".flac")
    write_flac(path, speech.samples)
    marks = json.dumps([asdict(mark) for mark in speech.marks], ensure_ascii=False).encode()
    return Made(
        artifacts={
            "voice": artifacts.keep(path, "audio/flac"),
            "marks": artifacts.keep(marks, "application/json"),
        },
        facts={
            "seconds": round(speech.seconds, 4),
            "gain": round(level_voice(speech.samples), 3),
            **({"credit": speech.credit} if speech.credit else {}),
        },
    )


def _spoken_lines(
    transcript: Transcript, language: str, readings: Mapping[str, str]
) -> Iterator[tuple[Balloon, Spoken]]:
    """Yield the balloons that are said, each with what is said; drawn sounds are effects."""
    for page in transcript.pages:
        for balloon in page.balloons:
            spoken = None if effect_of(balloon, page) else spoken_text(balloon, readings, book_language=language)
            if spoken is not None:
                yield balloon, spoken


def _unspoken(backend: str, castings: Mapping[str, Casting]) -> Iterator[str]:
    """Yield why lines are silent, or are not said by the voice that a person chose, in words."""
    for language, casting in castings.items():
        if casting.narrator is None:
            yield f"{backend} has no voice for {language}: these lines are silent"
    for voice in sorted({voice for casting in castings.values() for voice in casting.unknown_voices}):
        yield f"{backend} has no voice {voice}: another one speaks"


def _job(context: RunContext, name: str, balloon: Balloon, spoken: Spoken, voice: AssignedVoice) -> Job:
    """Return the job that records a line. A recording of an actor is found by its balloon."""
    arguments = {
        "text": spoken.text,
        "language": spoken.language,
        "voice": f"{voice.name}/{balloon.id}" if name == RECORDINGS else voice.name,
        "rate": voice.rate,
        "pitch": voice.pitch,
        "emotion": spoken.emotion,
    }
    job = backend_jobs.build_job(context, "speak", name, balloon.id, make, arguments, speech=VERSION)
    return replace(job, waits=not job.model and backends.is_shared(context.backend("speak", name)))
