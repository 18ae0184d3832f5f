"""Know which backends speak, and their voices: asked of them, or as the project remembers them where they cannot be."""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from agents.backend_jobs import PLACEMENT_OPTIONS
from storage.domain import Facts, Made
from storage.errors import BackendError
from storage.keys import content_key
from storage.settings import Options, Settings
from tools import backends
from tools.speak import SpeechBackend, Voice, has_remote_voices, load_speech_backend, price_a_character

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

VERSION = 1
VOICE_VARIABLE = "KOMADORI_VOICE"
"""The environment variable that says which backend speaks where the settings leave it open."""
NOBODY = "none"
PACKAGED = "kokoro"
"""The backend that speaks by itself where its packages are installed."""
TOOL = "voices"
"""The tool under which a project remembers the facts of a backend."""
_NOT_SHAPING = PLACEMENT_OPTIONS | {"folder", "price", "seconds", "voices"}
_VOICES = TypeAdapter(dict[str, tuple[Voice, ...]])
_RECORDINGS = TypeAdapter(dict[str, str])


@dataclass(frozen=True)
class SpeechFacts:
    """What is known of a backend that speaks, as far as it shapes lines.

    Attributes:
        backend: Its name.
        options: The options that the film sets for it.
        version: The version of its code.
        identity: Its weights, as `tools.backends.weights_identity` returns them.
        model: The model that is on the device while it speaks; "" for none.
        voices: Its voices by language, in ISO 639-1.
        recordings: The hashes of recordings that it plays, by the voices for which they are; {} if it speaks itself.
        price: US dollars for a character; None where it is not known.
        is_shared: Whether it waits for a server rather than computes.
        is_remembered: Whether the project remembers these facts, and the backend was not asked.
        fault: Why it cannot speak now; "" if it can, as far as is known.
    """

    backend: str
    options: Options
    version: int
    identity: str = ""
    model: str = ""
    voices: Mapping[str, tuple[Voice, ...]] = field(default_factory=dict)
    recordings: Mapping[str, str] = field(default_factory=dict)
    price: float | None = 0.0
    is_shared: bool = False
    is_remembered: bool = False
    fault: str = ""


def choose_backends(settings: Settings, library: Library | None = None) -> tuple[str, ...]:
    """Return the names of the backends that speak: the film's own, and the one that says what the first cannot.

    `auto` takes the backend that the environment names, else the packaged one where its packages are installed or the
    project was spoken by it, else the other one. Where a film is silent, or has no voices, there are none.
    """
    if not settings.sound:
        return ()
    first = settings.voice
    if first == "auto":
        first = os.environ.get(VOICE_VARIABLE, "").strip() or (PACKAGED if _has_packaged(settings, library) else "")
    names = () if first == NOBODY else (first, settings.voice_fallback)
    return tuple(dict.fromkeys(name for name in names if name not in ("", NOBODY)))


def find_facts(
    settings: Settings, library: Library | None, name: str, languages: Iterable[str], *, ask: bool
) -> SpeechFacts | None:
    """Return what is known of a backend.

    A backend on this machine says it itself. One whose voices are on a server is asked only with `ask`, so that a film
    whose lines are all recorded needs no server. Where a backend cannot say it, the project remembers it.

    Args:
        settings: The film's settings.
        library: The project; None where there is none yet.
        name: The backend.
        languages: The languages whose voices are needed, in ISO 639-1.
        ask: Whether a server may be asked for its voices.

    Returns:
        The facts; None if only its server knows them, and was not asked.

    Raises:
        BackendError: The backend is none, or cannot say it, and the project remembers nothing of it.
    """
    try:
        backend = load_speech_backend(name, **settings.options_of("speak", name))
        if ask or not has_remote_voices(backend):
            return _ask(settings, name, backend, languages)
    except BackendError as error:
        known = _recall_facts(settings, library, name)
        if known is None:
            raise
        return replace(known, fault=f"{error.what} ({error.hint})")
    return _recall_facts(settings, library, name)


def languages_spoken(name: str, languages: Iterable[str]) -> tuple[str, ...]:
    """Return which of some languages a backend speaks here; its server is asked.

    Raises:
        BackendError: It cannot speak here.
    """
    facts = find_facts(Settings(), None, name, languages, ask=True)
    return tuple(language for language, voices in facts.voices.items() if voices) if facts else ()


def shaping_options(options: Options) -> Options:
    """Return the options that shape a line: not where things are, what they cost, and how long to wait."""
    return {name: value for name, value in options.items() if name not in _NOT_SHAPING}


def keep_facts(settings: Settings, library: Library, facts: SpeechFacts) -> None:
    """Remember in a project what is known of a backend, in addition to the languages that were known before."""
    known = _recall_facts(settings, library, facts.backend)
    voices = {**(known.voices if known else {}), **facts.voices}
    if known == replace(facts, voices=voices, is_remembered=True):
        return
    values: Facts = {
        "version": facts.version, "identity": facts.identity, "model": facts.model, "price": facts.price,
        "is_shared": facts.is_shared, "voices": _VOICES.dump_json(voices).decode(),
        "recordings": _RECORDINGS.dump_json(dict(facts.recordings)).decode(),
    }  # fmt: skip
    library.add_made(_key(settings, facts.backend), TOOL, Made(facts=values))


def _ask(settings: Settings, name: str, backend: SpeechBackend, languages: Iterable[str]) -> SpeechFacts:
    """Return what a backend says of itself."""
    return SpeechFacts(
        backend=name,
        options=settings.options_of("speak", name),
        version=backend.version,
        identity=backends.weights_identity(backend),
        model=backends.device_model(backend),
        voices={language: backend.voices(language) for language in sorted(set(languages))},
        price=price_a_character(backend),
        is_shared=backends.is_shared(backend),
    )


def _recall_facts(settings: Settings, library: Library | None, name: str) -> SpeechFacts | None:
    """Return what the project remembers of a backend with these options; None if it is nothing."""
    made = library.find_made(_key(settings, name)) if library else None
    if made is None:
        return None
    price = made.facts["price"]
    return SpeechFacts(
        backend=name,
        options=settings.options_of("speak", name),
        version=int(str(made.facts["version"])),
        identity=str(made.facts["identity"]),
        model=str(made.facts["model"]),
        voices=_VOICES.validate_json(str(made.facts["voices"])),
        recordings=_RECORDINGS.validate_json(str(made.facts["recordings"])),
        price=None if price is None else float(str(price)),
        is_shared=bool(made.facts["is_shared"]),
        is_remembered=True,
    )


def _has_packaged(settings: Settings, library: Library | None) -> bool:
    """Return whether the packaged backend can speak here, or has spoken in this project."""
    is_here = not backends.describe_backend("speak", PACKAGED).missing
    return is_here or _recall_facts(settings, library, PACKAGED) is not None


def _key(settings: Settings, name: str) -> str:
    return content_key(TOOL, name, VERSION, options=shaping_options(settings.options_of("speak", name)))
