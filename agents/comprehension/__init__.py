"""Keep and load what the language model understood of a book. Asks no questions.

The comprehension is kept under the transcript that it was merged into. After a new transcription or a correction, or
when the rules direct, it no longer holds until the stage has run again.
"""

from __future__ import annotations

import hashlib
from typing import TYPE_CHECKING

from agents import planning
from storage.comprehension import Comprehension
from storage.domain import Made, Transcript
from storage.keys import content_key
from storage.settings import Settings

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

VERSION = 1


def comprehension_of(
    library: Library, settings: Settings | None = None, transcript: Transcript | None = None
) -> Comprehension:
    """Return what is understood of the current transcript.

    It is empty where no model directs, or where the stage has not run for this transcript.
    """
    settings, transcript = settings or library.settings(), transcript or library.transcript()
    if settings is None or transcript is None or not planning.is_llm_director(settings):
        return Comprehension()
    made = library.find_made(_key(settings, transcript))
    if made is None:
        return Comprehension()
    text = library.artifacts.open(made.artifacts["understanding"]).read_text(encoding="utf-8")
    return Comprehension.model_validate_json(text)


def keep_comprehension(
    library: Library, settings: Settings, transcript: Transcript, understanding: Comprehension
) -> None:
    """Keep what was understood, under the transcript that it was merged into."""
    kept = library.artifacts.keep(understanding.model_dump_json().encode(), "application/json")
    key = _key(settings, transcript)
    library.add_made(key, "understand", Made(artifacts={"understanding": kept}))


def fingerprint(transcript: Transcript) -> str:
    """Return the sha256 of a transcript as it was read, whoever speaks its lines."""
    return hashlib.sha256(transcript.without_voices().model_dump_json().encode()).hexdigest()


def _key(settings: Settings, transcript: Transcript) -> str:
    return content_key("understanding", settings.model, VERSION, transcript=fingerprint(transcript))
