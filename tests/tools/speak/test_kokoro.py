"""Test that Kokoro speaks: its voices, rate, pitch, marks, long lines, and damaged weights."""

from __future__ import annotations

import hashlib
import subprocess
import sys

import numpy as np
import pytest

from storage.errors import BackendError, PackageMissing
from tests.program import HOUSE
from tests.speech_extra import needs_voices
from tools.speak import SAMPLE_RATE, Speech, kokoro, load_speech_backend

pytestmark = [pytest.mark.voice, needs_voices]
LINE = "The storm is over."


def speak(
    text: str = LINE, voice: str = "af_heart", language: str = "en", rate: float = 1.0, pitch: float = 0.0
) -> Speech:
    return load_speech_backend("kokoro").speak(text, language=language, voice=voice, rate=rate, pitch=pitch)


def pitch_of(speech: Speech) -> float:
    """Return the median fundamental frequency in Hz of the loud parts of speech, by autocorrelation."""
    size, found = 2048, []
    for start in range(0, len(speech.samples) - size, size):
        frame = speech.samples[start : start + size] * np.hanning(size)
        if np.abs(frame).max() < 0.1:
            continue
        like = np.fft.irfft(np.abs(np.fft.rfft(frame, 2 * size)) ** 2)[:size]
        low, high = SAMPLE_RATE // 400, SAMPLE_RATE // 70
        lag = low + int(like[low:high].argmax())
        if like[lag] > 0.5 * like[0]:
            found.append(SAMPLE_RATE / lag)
    return float(np.median(found))


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_every_language_has_voices_of_women_and_men(language: str) -> None:
    voices = load_speech_backend("kokoro").voices(language)
    assert {voice.gender for voice in voices} == {"female", "male"}
    assert {voice.language for voice in voices} == {language}


def test_there_is_no_voice_for_languages_that_it_does_not_speak() -> None:
    assert load_speech_backend("kokoro").voices("ko") == ()


@pytest.mark.parametrize(
    ("text", "voice", "language"),
    [(LINE, "am_michael", "en"), ("嵐は終わったよ。", "jm_kumo", "ja"), ("暴风雨结束了。", "zm_yunxi", "zh")],
)
def test_speech_is_within_its_range_and_has_no_silence_around_it(text: str, voice: str, language: str) -> None:
    speech = speak(text, voice, language)
    loud = np.flatnonzero(np.abs(speech.samples) > 0.01 * np.abs(speech.samples).max())
    assert speech.samples.dtype == np.float32
    assert 0.1 < np.abs(speech.samples).max() <= 1
    assert 0.5 < speech.seconds < 3
    assert loud[0] <= 0.031 * SAMPLE_RATE
    assert len(speech.samples) - 1 - loud[-1] <= 0.031 * SAMPLE_RATE


def test_marks_are_the_words_in_order_within_the_speech() -> None:
    speech = speak()
    assert [mark.text for mark in speech.marks] == ["The", "storm", "is", "over"]
    times = [time for mark in speech.marks for time in (mark.start, mark.end)]
    assert times == sorted(times)
    assert times[0] == 0
    assert times[-1] == pytest.approx(speech.seconds)


def test_the_rate_changes_the_length_and_not_the_pitch() -> None:
    plain, slow = speak(), speak(rate=0.7)
    assert slow.seconds == pytest.approx(plain.seconds / 0.7, rel=0.15)
    assert pitch_of(slow) == pytest.approx(pitch_of(plain), rel=0.12)


def test_the_pitch_changes_and_not_the_length() -> None:
    plain, low = speak(voice="am_michael"), speak(voice="am_michael", pitch=-4.0)
    assert low.seconds == pytest.approx(plain.seconds, rel=0.12)
    assert pitch_of(low) == pytest.approx(pitch_of(plain) * 2 ** (-4 / 12), rel=0.1)


def test_two_voices_mix_to_one_between_them() -> None:
    low, middle, high = (pitch_of(speak(voice=name)) for name in ("am_michael", "am_michael+af_heart", "af_heart"))
    assert low < middle < high


def test_equal_lines_give_equal_bytes_also_in_another_process() -> None:
    program = (
        "import hashlib; from tools.speak import load_speech_backend;"
        f"one = load_speech_backend('kokoro').speak({LINE!r}, language='en', voice='af_heart', pitch=1.0);"
        "print(hashlib.sha256(one.samples.tobytes()).hexdigest())"
    )
    other = subprocess.run([sys.executable, "-c", program], cwd=HOUSE, capture_output=True, text=True, check=True)
    assert hashlib.sha256(speak(pitch=1.0).samples.tobytes()).hexdigest() == other.stdout.strip()


def test_a_long_line_is_spoken_in_parts() -> None:
    text = ", ".join(["the whole town is waiting for you"] * 16) + "."
    assert [len(part) <= kokoro.MOST_PHONEMES for part in kokoro._split("a" * 1000 + ". " + "b" * 100)] == [True] * 3
    assert speak(text).seconds > 16


@pytest.mark.parametrize(
    ("text", "voice"), [("…", "af_heart"), ("", "af_heart"), (LINE, "nobody"), (LINE, "af_heart+x")]
)
def test_what_cannot_be_said_and_who_is_not_there_are_refused(text: str, voice: str) -> None:
    with pytest.raises(BackendError):
        speak(text, voice)


@pytest.mark.parametrize("name", ["WEIGHTS_SHA256", "_VOCABULARY_SHA256", "_JAPANESE_VOICES_SHA256"])
def test_other_weights_are_refused(name: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kokoro, name, "0" * 64)
    with pytest.raises(BackendError):
        kokoro.Backend().speak(LINE, language="en", voice="af_heart")


def test_without_the_extra_its_command_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kokoro, "PARTS", ("no_such_part",))
    from tools import backends

    backends._load.cache_clear()
    try:
        with pytest.raises(PackageMissing) as missing:
            load_speech_backend("kokoro")
    finally:
        backends._load.cache_clear()
    assert missing.value.extra == "voice"


def test_another_version_of_what_shapes_the_speech_is_another_identity(monkeypatch: pytest.MonkeyPatch) -> None:
    before = kokoro.Backend().identity
    assert "misaki 0.9.4" in before
    monkeypatch.setattr(kokoro, "package_version", lambda name: "9")
    assert kokoro.Backend().identity != before
