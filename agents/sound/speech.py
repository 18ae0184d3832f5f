"""Decide which line is said by which voice, and build the jobs that record them."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from agents import backend_jobs
from agents.comprehension import comprehension_of
from agents.executors import Job
from agents.planning.sound_cues import effect_of
from agents.sound.speech_facts import NOBODY, SpeechFacts, choose_backends, find_facts, shaping_options
from agents.voices.casting import AssignedVoice, Casting, cast_voices
from agents.voices.spoken_text import Spoken, spoken_text
from agents.voices.voice_table import VoiceTable, read_voice_table
from storage.artifacts import Artifacts
from storage.comprehension import VoiceKind
from storage.domain import Balloon, Made, Transcript
from storage.errors import BackendError, PackageMissing, PriceUnknown
from storage.keys import code_versions, content_key
from storage.settings import Options, Settings
from storage.sound import SoundCue
from tools.audio.files import write_flac
from tools.mixing.voice_level import level_voice
from tools.speak import cast, load_speech_backend

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

VERSION = 1
"""Raised when the same line is recorded differently: part of the content keys."""
RECORDINGS = "cast"
"""The backend that takes recordings of actors."""


@dataclass(frozen=True)
class SpokenBook:
    """What is said in a book, whoever says it.

    Attributes:
        transcript: The reading of the book.
        lines: The lines that are said in words, by the id of the balloon: the balloon, and what is said of it.
        reactions: The sounds of lines without words, such as a gasp, by the id of the balloon.
        backends: The backends that speak, in the order in which they are tried; () for nobody.
        table: What a person says of voices and readings.
        seen: Whose voices characters have, by their ids, as a model that sees the pages understands it.
    """

    transcript: Transcript
    lines: Mapping[str, tuple[Balloon, Spoken]] = field(default_factory=dict)
    reactions: Mapping[str, SoundCue] = field(default_factory=dict)
    backends: tuple[str, ...] = ()
    table: VoiceTable = field(default_factory=VoiceTable)
    seen: Mapping[str, VoiceKind] = field(default_factory=dict)

    @property
    def languages(self) -> frozenset[str]:
        """The languages of the lines, in ISO 639-1."""
        return frozenset(spoken.language for _, spoken in self.lines.values())


@dataclass(frozen=True)
class SpeechPlan:
    """The lines of a book as one backend says them.

    Attributes:
        facts: What is known of the backend; None if its server was not asked, and nothing is remembered of it.
        jobs: The job that records each line, by the id of its balloon.
        voiceless: Why the backend has no voice for a line, in words, by the id of its balloon.
        unknown_voices: Voices that a person chose and the backend does not have.
    """

    facts: SpeechFacts | None = None
    jobs: Mapping[str, Job] = field(default_factory=dict)
    voiceless: Mapping[str, str] = field(default_factory=dict)
    unknown_voices: tuple[str, ...] = ()

    @property
    def is_free(self) -> bool:
        """Whether it is known that the backend costs nothing."""
        return self.facts is not None and self.facts.price == 0

    def price_of(self, job: Job) -> float | None:
        """Return what it costs to record a line, in US dollars; None where the price is not known."""
        price = self.facts.price if self.facts else None
        return None if price is None else price * len(str(job.arguments["text"]))


@dataclass(frozen=True)
class RecordedLine:
    """A line that has been recorded, and the backend that says it."""

    backend: str
    made: Made


def check_voices(settings: Settings) -> None:
    """Check that the backends that are to speak exist and accept their options; packages and servers may be missing.

    Raises:
        BackendError: One of them does not.
    """
    for name in choose_backends(settings):
        check_voice(settings, name)


def check_voice(settings: Settings, name: str) -> None:
    """Check one backend as `check_voices` does; "auto" and "none" are in order."""
    if name in ("auto", NOBODY):
        return
    try:
        load_speech_backend(name, **settings.options_of("speak", name))
    except PackageMissing:
        return  # the project may have its recordings from another machine


def spoken_book(settings: Settings, library: Library, transcript: Transcript) -> SpokenBook:
    """Return what is said in a book. Asks no backend.

    Raises:
        SettingsError: The table of voices cannot be read.
    """
    names = choose_backends(settings, library)
    if not names:
        return SpokenBook(transcript)
    table = read_voice_table(Path(settings.cast)) if settings.cast else VoiceTable()
    lines, reactions = dict[str, tuple[Balloon, Spoken]](), dict[str, SoundCue]()
    for balloon, spoken in _spoken_lines(transcript, library.info().language, table.readings):
        if spoken.sound is not None and spoken.sound != "silence":
            reactions[balloon.id] = SoundCue(kind=spoken.sound, balloon=balloon.id)
        elif spoken.text:
            lines[balloon.id] = balloon, spoken
    seen = comprehension_of(library, settings, transcript).voice_kinds()
    return SpokenBook(transcript, lines, reactions, names, table, seen)


def plan_speech(settings: Settings, library: Library, book: SpokenBook, name: str, *, ask: bool = False) -> SpeechPlan:
    """Return how a backend says the lines of a book. Records nothing.

    Args:
        settings: The film's settings.
        library: The project.
        book: What is said.
        name: One of its backends.
        ask: Whether a server may be asked for its voices; else those that the project remembers are cast.

    Raises:
        BackendError: The backend cannot say which voices it has, and the project remembers nothing of it.
    """
    facts = find_facts(settings, library, name, book.languages, ask=ask)
    if facts is None:
        return SpeechPlan()
    castings = {
        language: cast_voices(
            book.transcript, facts.voices.get(language, ()), language, table=book.table.voices, seen=book.seen
        )
        for language in sorted(book.languages)
    }
    voices = {
        balloon.id: voice
        for balloon, spoken in book.lines.values()
        if (voice := castings[spoken.language].voice_of(balloon)) is not None
    }
    if name == RECORDINGS and not facts.is_remembered:
        sources = [_source(name, voice, balloon) for balloon, voice in voices.items()]
        facts = replace(facts, recordings=_recording_hashes(facts, sources))
    return SpeechPlan(
        facts,
        {balloon: _job(facts, balloon, book.lines[balloon][1], voice) for balloon, voice in voices.items()},
        {
            balloon: f"{name} has no voice for the language {spoken.language}"
            for balloon, (_, spoken) in book.lines.items()
            if balloon not in voices
        },
        tuple(sorted(_unknown_voices(castings))),
    )


def speech_keys(settings: Settings, library: Library, transcript: Transcript) -> list[dict[str, str]]:
    """Return the content keys of the lines that each backend would record, by the ids of their balloons.

    They change with everything that changes what is heard of voices, and with nothing else. Asks no server.
    """
    keys: list[dict[str, str]] = []
    book = spoken_book(settings, library, transcript)
    for name in book.backends:
        with suppress(BackendError):  # it says nothing, and was named when the lines were recorded
            keys.append({balloon: job.key for balloon, job in plan_speech(settings, library, book, name).jobs.items()})
    return keys


def recorded_lines(settings: Settings, library: Library, book: SpokenBook) -> dict[str, RecordedLine]:
    """Return the lines that are recorded, by the ids of their balloons. Asks no server and records nothing."""
    recorded: dict[str, RecordedLine] = {}
    for name in book.backends:
        if recorded.keys() >= book.lines.keys():
            break
        try:
            jobs = plan_speech(settings, library, book, name).jobs
        except BackendError:
            continue  # what it cannot say is silent, and was named when the lines were recorded
        found = find_recordings(library, jobs, book.lines.keys() - recorded.keys())
        recorded |= {balloon: RecordedLine(name, made) for balloon, made in found.items()}
    return recorded


def find_recordings(library: Library, jobs: Mapping[str, Job], balloons: Collection[str]) -> dict[str, Made]:
    """Return the recordings of lines that there are already, by the ids of their balloons."""
    keys = {balloon: jobs[balloon].key for balloon in balloons if balloon in jobs}
    made = library.find_many(set(keys.values())) if keys else {}
    return {balloon: made[key] for balloon, key in keys.items() if key in made}


def unknown_price(name: str, most: float) -> PriceUnknown:
    """Return the error of a backend whose price is not known, in a film that may cost `most` US dollars."""
    return PriceUnknown(
        f"what a line of {name} costs is not known, and the film may cost {most:.2f} dollars",
        "give the dollars for a million characters, such as price = 15 under [speak] in a profile, or allow any cost "
        "with --max-cost inf",
    )


def make(artifacts: Artifacts, *, backend: str, options: Options, text: str, **said: Any) -> Made:
    """Record one line; the result holds the gain that brings it to the loudness of all voices."""
    speech = load_speech_backend(backend, **options).speak(text, **said)
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


def _unknown_voices(castings: Mapping[str, Casting]) -> set[str]:
    return {voice for casting in castings.values() for voice in casting.unknown_voices}


def _source(name: str, voice: AssignedVoice, balloon: str) -> str:
    """Return the voice as the backend takes it: a recording of an actor is found by its balloon."""
    return f"{voice.name}/{balloon}" if name == RECORDINGS else voice.name


def _recording_hashes(facts: SpeechFacts, sources: Collection[str]) -> dict[str, str]:
    backend = load_speech_backend(facts.backend, **facts.options)
    return backend.recording_hashes(sources) if isinstance(backend, cast.Backend) else {}


def _job(facts: SpeechFacts, balloon: str, spoken: Spoken, voice: AssignedVoice) -> Job:
    """Return the job that records a line. Its content key holds the one recording that it plays, if it plays any."""
    arguments: dict[str, object] = {
        "text": spoken.text,
        "language": spoken.language,
        "voice": _source(facts.backend, voice, balloon),
        "rate": voice.rate,
        "pitch": voice.pitch,
        "emotion": spoken.emotion,
    }
    shaping: dict[str, object] = {"recording": facts.recordings.get(str(arguments["voice"]), "")}
    if facts.backend != RECORDINGS:
        shaping = backend_jobs.shaping_parts(shaping_options(facts.options), facts.identity)
    return Job(
        content_key("speak", facts.backend, facts.version, **arguments, **shaping, **code_versions(speech=VERSION)),
        "speak",
        balloon,
        make,
        {"backend": facts.backend, "options": facts.options, **arguments},
        waits=not facts.model and facts.is_shared,
        model=facts.model,
    )
