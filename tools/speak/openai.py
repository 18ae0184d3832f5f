"""Speak with a server that has the interface of OpenAI's speech: OpenAI itself, Kokoro-FastAPI and many local ones.

The server is the option `url`, else the variable KOMADORI_SPEECH_URL, else that of the language model
(OPENAI_BASE_URL), else OpenAI's where OPENAI_API_KEY is set. The key is KOMADORI_SPEECH_KEY; OPENAI_API_KEY is sent to
OpenAI and to the server of OPENAI_BASE_URL alone.
"""

from __future__ import annotations

import os
from functools import cached_property
from typing import Annotated, get_args
from urllib.parse import urlsplit

from pydantic import Field

from storage.errors import BackendError, SpeechServerError
from storage.sound import Age, Gender
from tools.audio import limit_peak
from tools.http_server import HttpServer, is_near
from tools.speak import SAMPLE_RATE, Emotion, Speech, SpeechBackend, Voice
from tools.speech.servers import read_speech, speech_server
from tools.speech.waveforms import shift_pitch, trim_silence

OPENAI = "https://api.openai.com/v1"
VOICES = (
    Voice("coral", "", "female", "young"), Voice("ash", "", "male", "adult"), Voice("nova", "", "female", "adult"),
    Voice("echo", "", "male", "young"), Voice("shimmer", "", "female", "young"), Voice("onyx", "", "male", "old"),
    Voice("sage", "", "female", "adult"), Voice("ballad", "", "male", "adult"), Voice("alloy", "", "", "adult"),
    Voice("fable", "", "male", "adult"), Voice("verse", "", "male", "young"),
)  # fmt: skip
"""The voices of OpenAI (its documentation of 2026-06), which speak any language."""
DOLLARS_PER_MILLION_CHARACTERS = {"tts-1": 15.0, "tts-1-hd": 30.0, "gpt-4o-mini-tts": 17.0}
"""OpenAI's prices (2026-06); that of gpt-4o-mini-tts is by the minute, and here for 900 characters a minute."""
INSTRUCTIONS = {"shout": "Shout this line.", "whisper": "Whisper this line."}
_SLOWEST, _FASTEST = 0.25, 4.0


class Backend:
    """Speak with a server of the interface /v1/audio/speech.

    Args:
        url: The address, which ends with /v1 on most servers; "" takes that of the environment.
        model: The name of the model on the server.
        voices: Its voices, such as "jf_alpha:ja:female, am_onyx:en:male:adult": names, each with a language, a gender
            and an age, all optional. "" takes those of OpenAI.
        price: US dollars for a million characters; None takes OpenAI's prices there, and nothing on this network.
        seconds: Time for one line.
    """

    version = 1
    shared = True

    def __init__(
        self,
        *,
        url: str = "",
        model: str = "gpt-4o-mini-tts",
        voices: str = "",
        price: Annotated[float, Field(ge=0, le=100_000)] | None = None,
        seconds: Annotated[float, Field(gt=0, le=600)] = 60.0,
    ) -> None:
        self.model = model
        self._url, self._price, self._seconds = url.rstrip("/"), price, seconds
        self._voices = tuple(_parse_voice(part) for part in voices.split(",") if part.strip()) or VOICES

    @cached_property
    def server(self) -> HttpServer:
        """The server; its address and key are read from the environment when a line is spoken.

        Raises:
            BackendError: No server is named.
        """
        given = {name: os.environ.get(name, "").strip() for name in _VARIABLES}
        chat, key = given["OPENAI_BASE_URL"].rstrip("/"), given["OPENAI_API_KEY"]
        url = self._url or given["KOMADORI_SPEECH_URL"].rstrip("/") or chat or (OPENAI if key else "")
        if not url:
            raise BackendError(
                "no server of voices is named", "set KOMADORI_SPEECH_URL, or the option speak.openai.url"
            )
        is_keys_server = urlsplit(url).netloc in (urlsplit(OPENAI).netloc, urlsplit(chat).netloc)
        return speech_server(
            url, given["KOMADORI_SPEECH_KEY"] or (key if is_keys_server else ""), seconds=self._seconds
        )

    @property
    def identity(self) -> str:
        """The model and its server."""
        return f"{self.model} at {self.server.host}"

    @property
    def price_a_character(self) -> float | None:
        """US dollars for a character; None where the price is not known."""
        if self._price is not None:
            return self._price / 1e6
        host = urlsplit(self.server.url).hostname or ""
        listed = DOLLARS_PER_MILLION_CHARACTERS.get(self.model) if host == urlsplit(OPENAI).hostname else None
        return 0.0 if is_near(host) else listed / 1e6 if listed is not None else None

    def voices(self, language: str) -> tuple[Voice, ...]:
        """List the voices of a language; see the protocol in `tools/speak`."""
        return tuple(voice for voice in self._voices if voice.language in ("", language))

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Say a text; see the protocol in `tools/speak`."""
        speed = min(_FASTEST, max(_SLOWEST, rate / 2 ** (pitch / 12)))
        body: dict[str, object] = {"model": self.model, "input": text, "voice": voice, "response_format": "wav"}
        if speed != 1:
            body["speed"] = round(speed, 4)
        if emotion:
            body["instructions"] = INSTRUCTIONS[emotion]
        content = self.server.post("/audio/speech", body=body)
        samples = read_speech(content, self.server.host)
        wave, _ = trim_silence(shift_pitch(samples, SAMPLE_RATE, pitch), SAMPLE_RATE)
        if not len(wave):
            raise SpeechServerError(f"{self.server.host} sent silence", "choose another voice", reason="broken")
        return Speech(limit_peak(wave))


_CHECKED: type[SpeechBackend] = Backend
_VARIABLES = ("KOMADORI_SPEECH_URL", "KOMADORI_SPEECH_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY")


def _parse_voice(said: str) -> Voice:
    name, language, gender, age = ([part.strip() for part in said.split(":")] + [""] * 4)[:4]
    if not name or gender not in get_args(Gender) or age not in get_args(Age):
        raise BackendError(f"{said.strip()!r} describes no voice", "write it as name:language:gender:age")
    return Voice(name, language, gender, age)  # type: ignore[arg-type]
