"""Test speech from a VOICEVOX engine: its voices and styles, the times of moras, its credit, and its faults."""

from __future__ import annotations

import json
from typing import Any

import pytest

from storage.errors import BackendError, SpeechServerError
from tests.tools.speech.test_decoding import sound
from tests.tools.speech.voice_server import Reply, Script, VoiceRequest, replies, voice_server
from tools.speak import Voice, voicevox

SPEAKERS = [
    {"name": "ずんだもん", "styles": [
        {"name": "あまあま", "id": 1}, {"name": "ノーマル", "id": 3}, {"name": "ささやき", "id": 22},
    ]},
    {"name": "青山龍星", "styles": [{"name": "ノーマル", "id": 13}]},
    {"name": "nobody", "styles": []},
]  # fmt: skip
QUERY: dict[str, Any] = {
    "accent_phrases": [
        {"moras": [{"text": "エ", "consonant_length": None, "vowel_length": 0.1},
                   {"text": "マ", "consonant_length": 0.05, "vowel_length": 0.15}],
         "pause_mora": {"text": "、", "vowel_length": 0.2}},
        {"moras": [{"text": "ス", "consonant_length": 0.1, "vowel_length": 0.1}], "pause_mora": None},
    ],
    "speedScale": 1.0, "pitchScale": 0.0, "intonationScale": 1.0, "prePhonemeLength": 0.1, "postPhonemeLength": 0.1,
}  # fmt: skip


LIST, MORAS = Reply(json.dumps(SPEAKERS).encode()), Reply(json.dumps(QUERY).encode())


def engine(request: VoiceRequest, number: int) -> Reply:
    known = {
        "/version": b'"0.25.0"', "/speakers": json.dumps(SPEAKERS).encode(),
        "/audio_query": json.dumps(QUERY).encode(), "/synthesis": sound(0.9, 24_000),
    }  # fmt: skip
    return Reply(known[request.path])


def test_every_voice_is_listed_with_what_is_known_of_it() -> None:
    with voice_server(engine) as there:
        backend = voicevox.Backend(url=there.url)
        assert backend.voices("ja") == (
            Voice("ずんだもん", "ja", "", "child"),
            Voice("青山龍星", "ja", "male", "adult"),
        )
        assert backend.voices("en") == ()
        assert backend.identity == "VOICEVOX 0.25.0"


def test_a_line_is_spoken_with_its_moras_and_its_credit() -> None:
    with voice_server(engine) as there:
        speech = voicevox.Backend(url=there.url).speak("絵馬す", language="ja", voice="ずんだもん", rate=2.0, pitch=3.0)
    _, query, synthesis = there.requests
    assert query.query == {"text": "絵馬す", "speaker": "3"}
    assert synthesis.query == {"speaker": "3"}
    assert (synthesis.body["speedScale"], synthesis.body["pitchScale"]) == (2.0, 0.25)
    assert [mark.text for mark in speech.marks] == ["エ", "マ", "ス"]
    starts = [mark.start for mark in speech.marks]
    assert starts == pytest.approx([0.05, 0.10, 0.30], abs=0.01)
    assert speech.credit == "VOICEVOX:ずんだもん"


@pytest.mark.parametrize(
    ("voice", "emotion", "style"),
    [
        ("ずんだもん", "whisper", "22"), ("ずんだもん/あまあま", "whisper", "1"), ("青山龍星", "whisper", "13"),
        ("青山龍星", "shout", "13"),
    ],
)  # fmt: skip
def test_a_line_is_said_in_the_style_that_fits(voice: str, emotion: Any, style: str) -> None:
    with voice_server(engine) as there:
        voicevox.Backend(url=there.url).speak("ね", language="ja", voice=voice, emotion=emotion)
    assert there.requests[-1].query["speaker"] == style
    assert (there.requests[-1].body["intonationScale"] > 1) is (emotion == "shout")


@pytest.mark.parametrize(
    ("voice", "language"), [("nobody", "ja"), ("someone", "ja"), ("ずんだもん/怒り", "ja"), ("ずんだもん", "en")]
)
def test_voices_styles_and_languages_that_it_lacks_are_refused(voice: str, language: str) -> None:
    with voice_server(engine) as there, pytest.raises(BackendError):
        voicevox.Backend(url=there.url).speak("ね", language=language, voice=voice)


@pytest.mark.parametrize(
    "script",
    [
        replies(Reply(b"<html>")),
        replies(Reply(b"[1, 2]")),
        replies(Reply(b"[" * 100_000)),
        replies(LIST, Reply(b"[]")),
        replies(LIST, Reply(b"{}"), Reply(sound())),
        replies(LIST, MORAS, Reply(b"no sound")),
        replies(LIST, MORAS, Reply(sound()[:44] + bytes(9000))),
    ],
    ids=["html", "no voices", "deep", "no query", "no moras", "no sound", "silence"],
)  # fmt: skip
def test_another_server_than_an_engine_is_an_error(script: Script) -> None:
    with voice_server(script) as there, pytest.raises(SpeechServerError) as failed:
        voicevox.Backend(url=there.url).speak("ね", language="ja", voice="ずんだもん")
    assert failed.value.reason == "broken"
