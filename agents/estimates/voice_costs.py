"""Estimate how many lines of a film are still to be spoken, and what that takes and costs. Asks no server."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil

from agents.executors.local import worker_count
from agents.sound import speech
from agents.sound.speech_facts import choose_backends
from storage.domain import Transcript
from storage.errors import BackendError
from storage.library import Library
from storage.settings import Settings
from tools import backends
from tools.speak import SpeechBackend, load_speech_backend, price_a_character

LINES_A_PAGE = 7.7
"""Balloons and captions, of 84 pages of manga with their translations."""
LETTERS_A_LINE = {"ja": 10.4, "zh": 7.8}
"""Letters of such a line, by language."""
OTHER_LETTERS_A_LINE = 23.4
"""Letters of such a line in English, which are the most."""
SECONDS_A_LINE = 1.3
"""Processor seconds for a line: Kokoro takes .45 for a second of speech, and a line lasts about three."""
WAITING_LINES = 4
"""Lines that are asked of a server at the same time."""


@dataclass(frozen=True)
class VoiceCost:
    """What it takes to speak the lines of a film that are not recorded yet."""

    backend: str = ""
    """What speaks them; "" for nobody."""
    lines: int = 0
    dollars: float | None = 0.0
    """None where the price is not known."""
    seconds: float = 0.0
    """How long it takes on this machine."""
    missing: BackendError | None = None
    """Why the backend cannot speak here; None if it can, as far as is known."""


def voice_cost(
    settings: Settings,
    library: Library | None,
    read: Transcript | None,
    *,
    pages: int,
    before: Transcript | None = None,
) -> VoiceCost:
    """Return what it takes to speak a film.

    Args:
        settings: The film's settings.
        library: The project; None where there is none yet.
        read: The reading of the book; None where it is not read yet, or is read anew.
        pages: How many pages it has.
        before: The reading before it was corrected, whose missing lines do not count; None counts all.
    """
    names = choose_backends(settings, library)
    if not names:
        return VoiceCost()
    name = names[0]
    try:
        backend = load_speech_backend(name, **settings.options_of("speak", name))
        price, missing = price_a_character(backend), None
    except BackendError as error:
        backend, price, missing = None, 0.0, error
    if library is None or read is None:
        lines = ceil(pages * LINES_A_PAGE)
        language = library.info().language if library else ""
        letters = ceil(lines * LETTERS_A_LINE.get(language, OTHER_LETTERS_A_LINE))
    else:
        known = _missing_lines(settings, library, before, name) if before else {}
        missed = _missing_lines(settings, library, read, name)
        texts = [text for key, text in missed.items() if key not in known]
        lines, letters = len(texts), sum(map(len, texts))
    dollars = None if price is None and lines else (price or 0.0) * letters
    return VoiceCost(name, lines, dollars, lines * _seconds_a_line(library, backend), missing if lines else None)


def _missing_lines(settings: Settings, library: Library, read: Transcript, name: str) -> dict[str, str]:
    """Return the texts that are not recorded yet, by content key; equal ones of one voice are recorded once."""
    book = speech.spoken_book(settings, library, read)
    try:
        plan = speech.plan_speech(settings, library, book, name)
    except BackendError:
        plan = speech.SpeechPlan()
    if plan.facts is None:  # its voices are not known before its server was asked
        return {f"{balloon.id} {spoken.text}": spoken.text for balloon, spoken in book.lines.values()}
    found = speech.find_recordings(library, plan.jobs, plan.jobs.keys())
    return {job.key: str(job.arguments["text"]) for balloon, job in plan.jobs.items() if balloon not in found}


def _seconds_a_line(library: Library | None, backend: SpeechBackend | None) -> float:
    """Return the seconds that a line takes among others, as measured in the project, or by a rule of thumb."""
    events = [one for one in library.events(kinds={"made"}) if one.stage == "voice"] if library else []
    measured = sum(float(str(one.facts.get("seconds") or 0)) for one in events) / len(events) if events else 0.0
    is_waiting = backend is not None and backends.is_shared(backend)
    return (measured or SECONDS_A_LINE) / (WAITING_LINES if is_waiting else worker_count())
