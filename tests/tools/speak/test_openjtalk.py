"""Test that Open JTalk speaks Japanese, credits its voice, and stays within its range."""

from __future__ import annotations

from importlib.util import find_spec

import numpy as np
import pytest

from storage.errors import BackendError
from tools.speak import Emotion, Speech, load_speech_backend

pytestmark = [
    pytest.mark.voice, pytest.mark.skipif(find_spec("pyopenjtalk") is None, reason="the extra voice is not installed"),
]  # fmt: skip


def speak(text: str = "嵐は終わったよ。", rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = "") -> Speech:
    backend = load_speech_backend("openjtalk")
    return backend.speak(text, language="ja", voice="mei", rate=rate, pitch=pitch, emotion=emotion)


def test_a_line_is_said_within_its_range_and_with_its_words() -> None:
    speech = speak("嵐は終わった、よ！")
    assert 0.3 < np.abs(speech.samples).max() <= 1
    assert [mark.text for mark in speech.marks] == ["嵐", "は", "終わっ", "た", "よ"]
    assert speech.marks[-1].end == pytest.approx(speech.seconds)
    assert speech.marks[4].start > speech.marks[3].end
    assert "CC BY 3.0" in speech.credit


def test_rate_pitch_and_emotion_change_it_and_equal_lines_are_equal() -> None:
    plain = speak()
    assert np.array_equal(plain.samples, speak().samples)
    assert speak(rate=1.25).seconds == pytest.approx(plain.seconds / 1.25, rel=0.12)
    assert not np.array_equal(plain.samples, speak(pitch=-4.0).samples)
    assert not np.array_equal(plain.samples, speak(emotion="shout").samples)


@pytest.mark.parametrize(
    ("text", "language", "voice"), [("…！", "ja", "mei"), ("あ", "en", "mei"), ("あ", "ja", "kumo")]
)
def test_what_it_cannot_say_is_refused(text: str, language: str, voice: str) -> None:
    with pytest.raises(BackendError):
        load_speech_backend("openjtalk").speak(text, language=language, voice=voice)


def test_it_speaks_japanese_only() -> None:
    assert [voice.name for voice in load_speech_backend("openjtalk").voices("ja")] == ["mei"]
    assert load_speech_backend("openjtalk").voices("zh") == ()
