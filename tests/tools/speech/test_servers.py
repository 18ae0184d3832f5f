"""Test that what a server of voices sends is decoded, or refused with its reason."""

from __future__ import annotations

import pytest

from storage.errors import SpeechServerError
from tests.tools.speech.test_decoding import sound
from tests.tools.speech.voice_server import Reply, replies, voice_server
from tools.speech.servers import read_speech, speech_server


def test_a_server_of_voices_fails_with_an_error_of_its_own() -> None:
    with voice_server(replies(Reply(status=400))) as there, pytest.raises(SpeechServerError) as failed:
        speech_server(there.url).get("/voices")
    assert (failed.value.reason, failed.value.status) == ("refused", 400)


def test_sound_becomes_samples() -> None:
    assert len(read_speech(sound(0.5, 24_000), "nas")) == 24_000


@pytest.mark.parametrize("content", [b"", b"no sound", sound(130.0, 8_000)])
def test_what_is_no_speech_is_broken(content: bytes) -> None:
    with pytest.raises(SpeechServerError) as failed:
        read_speech(content, "nas")
    assert failed.value.reason == "broken"
