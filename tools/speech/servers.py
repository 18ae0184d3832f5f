"""Ask servers of voices over HTTP, and decode what they answer."""

from __future__ import annotations

from storage.errors import BackendError, SpeechServerError
from tools.audio import Samples
from tools.http_server import HttpServer
from tools.speak import LONGEST_SPEECH
from tools.speech.decoding import decode_audio

MAX_ANSWER_BYTES = 60_000_000
"""The size of an answer: two minutes of sound in 48 kHz, stereo and 24 bits, and more than any line takes."""


def speech_server(url: str, key: str = "", *, seconds: float = 60.0) -> HttpServer:
    """Return a server of voices.

    Args:
        url: Its address, without a slash at the end.
        key: The key that it asks for; "" for none.
        seconds: Time for one line, all attempts together.

    Raises:
        SettingsError: The address is none.
    """
    return HttpServer(
        url, "the server of voices", key, seconds=seconds, max_bytes=MAX_ANSWER_BYTES, error=SpeechServerError
    )


def read_speech(content: bytes, host: str) -> Samples:
    """Return the samples that a server sent.

    Raises:
        SpeechServerError: They are no sound, or last too long.
    """
    try:
        return decode_audio(content, f"what {host} sent", longest=LONGEST_SPEECH)
    except BackendError as error:
        raise SpeechServerError(error.what, "check the server of voices", reason="broken") from None
