"""Protocol and loader of speech synthesis: a line of a balloon becomes a voice, with the times of its words."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol, runtime_checkable

import numpy as np
from numpy.typing import NDArray

from storage.sound import Age, Gender
from tools import backends
from tools.audio import SAMPLE_RATE
from tools.backends import Backend

__all__ = [
    "LONGEST_SPEECH", "SAMPLE_RATE", "Emotion", "Speech", "SpeechBackend", "SpeechMark", "Voice",
    "has_remote_voices", "load_speech_backend", "price_a_character",
]  # fmt: skip
LONGEST_SPEECH = 120.0
"""Seconds after which speech is refused: no line of a balloon is longer, and a broken server may never end."""
Emotion = Literal["", "shout", "whisper"]
"""How a line is said; "" is plainly. A backend that cannot say a line so says it plainly."""


@dataclass(frozen=True)
class Voice:
    """One voice of a backend."""

    name: str
    """The name by which it is chosen, such as "jf_alpha"."""
    language: str = ""
    """The language that it speaks well, in ISO 639-1; "" if it speaks any."""
    gender: Gender = ""
    age: Age = ""


@dataclass(frozen=True)
class SpeechMark:
    """When a word, or a mora of Japanese, is said."""

    text: str
    start: float
    """Seconds from the beginning of the speech."""
    end: float


@dataclass(frozen=True)
class Speech:
    """A line as it is said."""

    samples: NDArray[np.float32]
    """(n,) mono at `SAMPLE_RATE`, within -1..1, with at most 30 ms of silence before and after the voice."""
    marks: tuple[SpeechMark, ...] = ()
    """When its words are said, in order; empty if the backend does not know."""
    credit: str = ""
    """What the film's credits must say of the voice, such as "VOICEVOX:Zundamon"; "" for nothing."""

    @property
    def seconds(self) -> float:
        """Return how long it lasts."""
        return len(self.samples) / SAMPLE_RATE


@runtime_checkable
class SpeechBackend(Backend, Protocol):
    """Say lines aloud."""

    def voices(self, language: str) -> tuple[Voice, ...]:
        """List the voices that speak a language well, the best first.

        Args:
            language: A language in ISO 639-1, such as "ja".

        Returns:
            The voices; () if no voice speaks the language well enough to be heard in a film.

        Raises:
            BackendError: The voices are on a server, and it does not answer.
        """
        ...

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Say a text.

        Args:
            text: What is said, without line breaks or symbols that are not said (`agents/voices/`).
            language: Its language in ISO 639-1.
            voice: The name of a voice.
            rate: The speed, 1 is the voice's own; 0.5 to 2.
            pitch: By how many semitones the voice is raised, or lowered below 0; -12 to 12.
            emotion: How it is said.

        Returns:
            The speech. Equal arguments give equal bytes on one machine, except from a server that answers otherwise.

        Raises:
            BackendError: The voice or the weights are missing, a server failed, or nothing of the text can be said.
        """
        ...


def has_remote_voices(backend: SpeechBackend) -> bool:
    """Return whether the identity and the voices of a backend are answers of a server, so that each question may fail.

    Args:
        backend: Any speech backend; such a one has the attribute `has_remote_voices`.
    """
    return bool(getattr(backend, "has_remote_voices", False))


def price_a_character(backend: SpeechBackend) -> float | None:
    """Return what a backend costs for a character of a line.

    Args:
        backend: Any speech backend; a paid one has the attribute `price_a_character`.

    Returns:
        US dollars, 0 for a backend that costs nothing; None where the price is not known.

    Raises:
        BackendError: It is on a server, and none is named.
    """
    price: float | None = getattr(backend, "price_a_character", 0.0)
    return price


def load_speech_backend(name: str, **options: object) -> SpeechBackend:
    """Load a speech backend.

    Args:
        name: A module of `tools/speak/`, such as "kokoro", or the dotted path of a third-party class.
        **options: Keyword arguments of its constructor, JSON values.

    Returns:
        The backend; equal options return the same object. Its weights are loaded when it speaks.

    Raises:
        BackendError: There is no such backend, it cannot speak, or it cannot be made with these options.
        PackageMissing: A package that it needs is not installed.
    """
    backend = backends.load_backend("speak", name, **options)
    if not isinstance(backend, SpeechBackend):
        raise backends.protocol_error("speak", name, "SpeechBackend")
    return backend
