"""Test speech from a server of OpenAI's interface: what it is asked, its key, its price and its faults."""

from __future__ import annotations

import numpy as np
import pytest

from storage.errors import BackendError, SpeechServerError
from tests.tools.speech.test_decoding import sound
from tests.tools.speech.voice_server import Reply, replies, voice_server
from tools.speak import Voice, load_speech_backend, openai, price_a_character

VARIABLES = ("KOMADORI_SPEECH_URL", "KOMADORI_SPEECH_KEY", "OPENAI_BASE_URL", "OPENAI_API_KEY")


@pytest.fixture(autouse=True)
def _no_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in VARIABLES:
        monkeypatch.delenv(name, raising=False)


def test_a_line_is_asked_for_and_brought_to_the_rate_of_the_film() -> None:
    with voice_server(replies(Reply(sound(1.0)))) as there:
        backend = openai.Backend(url=f"{there.url}/v1/", model="kokoro")
        speech = backend.speak("Hello!", language="en", voice="nova", rate=1.5, emotion="shout")
    (asked,) = there.requests
    assert asked.path == "/v1/audio/speech"
    assert asked.body == {
        "model": "kokoro", "input": "Hello!", "voice": "nova", "response_format": "wav", "speed": 1.5,
        "instructions": openai.INSTRUCTIONS["shout"],
    }  # fmt: skip
    assert speech.seconds == pytest.approx(1.0, abs=0.01)
    assert (speech.samples.dtype, speech.marks) == (np.dtype(np.float32), ())


def test_a_higher_pitch_is_asked_for_slower_and_played_faster() -> None:
    with voice_server(replies(Reply(sound(1.0)))) as there:
        speech = openai.Backend(url=there.url).speak("Hello!", language="en", voice="nova", pitch=12.0)
    assert there.requests[0].body["speed"] == 0.5
    assert speech.seconds == pytest.approx(0.5, abs=0.01)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "broken"), (b'{"error": "no such voice"}', "broken"), (sound()[:44] + bytes(40_000), "broken"),
        (sound(130.0, 8_000), "broken"),
    ],
    ids=["nothing", "json", "silence", "too long"],
)  # fmt: skip
def test_what_is_no_speech_is_an_error(content: bytes, reason: str) -> None:
    with voice_server(replies(Reply(content))) as there, pytest.raises(SpeechServerError) as failed:
        openai.Backend(url=there.url).speak("Hello!", language="en", voice="nova")
    assert failed.value.reason == reason


def test_a_file_whose_header_states_no_length_is_read() -> None:
    """Servers that stream a WAV do not know its length when they write its header."""
    whole = sound(0.5)
    endless = whole[:4] + b"\xff\xff\xff\xff" + whole[8:40] + b"\xff\xff\xff\xff" + whole[44:]
    with voice_server(replies(Reply(endless))) as there:
        speech = openai.Backend(url=there.url).speak("Hello!", language="en", voice="nova")
    assert speech.seconds == pytest.approx(0.5, abs=0.02)


def test_the_server_is_the_option_the_variables_or_openai(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(BackendError):
        _ = openai.Backend().server
    monkeypatch.setenv("OPENAI_API_KEY", "sk-chat")
    assert (openai.Backend().server.url, openai.Backend().server.key) == (openai.OPENAI, "sk-chat")
    monkeypatch.setenv("OPENAI_BASE_URL", "http://chat.example/v1")
    assert (openai.Backend().server.url, openai.Backend().server.key) == ("http://chat.example/v1", "sk-chat")
    monkeypatch.setenv("KOMADORI_SPEECH_URL", "http://voices.example/v1")
    assert (openai.Backend().server.url, openai.Backend().server.key) == ("http://voices.example/v1", "")
    monkeypatch.setenv("KOMADORI_SPEECH_KEY", "sk-voices")
    assert openai.Backend(url="http://other.example").server.key == "sk-voices"


def test_no_key_is_sent_to_a_server_that_a_profile_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-chat")
    with voice_server(replies(Reply(sound()))) as there:
        openai.Backend(url=there.url).speak("Hello!", language="en", voice="nova")
    assert "authorization" not in there.requests[0].headers


def test_the_price_is_stated_listed_nothing_or_unknown(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-chat")
    assert price_a_character(openai.Backend(model="tts-1")) == pytest.approx(15e-6)
    assert price_a_character(openai.Backend(model="tts-9")) is None
    assert price_a_character(openai.Backend(url="http://127.0.0.1:8880/v1")) == 0
    assert price_a_character(openai.Backend(url="https://voices.example/v1")) is None
    assert price_a_character(openai.Backend(url="https://voices.example/v1", price=4.0)) == pytest.approx(4e-6)


def test_voices_are_those_of_openai_or_those_that_a_profile_names() -> None:
    assert load_speech_backend("openai").voices("ko") == openai.VOICES
    named = openai.Backend(url="http://127.0.0.1:8880/v1", voices="jf_alpha:ja:female, am_onyx:en:male:adult, any")
    assert named.voices("ja") == (Voice("jf_alpha", "ja", "female"), Voice("any"))
    for wrong in (":ja", "x:ja:robot", "x:ja:male:wise"):
        with pytest.raises(BackendError):
            openai.Backend(voices=wrong)
