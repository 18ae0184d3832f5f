"""Test that what is spoken is understood: Whisper writes down each line, and at most a tenth of it differs."""

from __future__ import annotations

import json
from functools import partial

import numpy as np
import pytest

from agents.voices.spoken_text import Spoken, spoken_text
from storage.domain import Balloon, Box, Transcript
from tests.program import HOUSE
from tests.speech_extra import needs_voices
from tests.speech_recognition import character_error_rate, needs_listener, write_down
from tools.audio import SAMPLE_RATE
from tools.speak import kokoro, load_speech_backend

pytestmark = [pytest.mark.voice, pytest.mark.slow, needs_voices, needs_listener]
MOST_ERRORS = 0.10
ENOUGH_LETTERS = 12
"""Letters and signs from which on a line is understood by itself."""
LINES = {
    "en": (
        "I never thought you would come back. The storm is over, and the whole town is waiting for you.",
        "WHAT?! YOU'RE THE ONE WHO STOLE MY CAKES, AREN'T YOU?",
        "We leave at 7 on the 21st, Captain Smith. Don't be late!",
    ),
    "ja": (
        "まさか君が戻ってくるとは思わなかった。嵐は終わったよ、町のみんなが待っている。",
        "今日は学校に行かないの？\n先生が心配していたよ。",
        "ありがとう、本当に助かりました。明日また会いましょう！",
    ),
    "zh": (
        "我从来没想过你会回来。暴风雨已经结束了，全城的人都在等你。",
        "你到底是谁？快点告诉我！",
        "今天我们去学校吧，老师在等着。",
    ),
}


def balloon(text: str, language: str) -> Balloon:
    return Balloon(id="t0-1", order=0, box=Box(0, 0, 9, 9), text=text, language=language)


def error_rate(line: Balloon, voice: str) -> float:
    """Return the errors that a listener makes in a line of a balloon."""
    said = spoken_text(line)
    assert said is not None
    speech = load_speech_backend("kokoro").speak(said.text, language=said.language, voice=voice, emotion=said.emotion)
    return character_error_rate(said.text, write_down(speech.samples, said.language), said.language)


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_every_voice_is_understood(language: str) -> None:
    voices = [voice.name for voice in load_speech_backend("kokoro").voices(language)]
    lines = [balloon(text, language) for text in LINES[language]]
    rates = {voice: error_rate(lines[at % len(lines)], voice) for at, voice in enumerate(voices)}
    assert {voice: rate for voice, rate in rates.items() if rate > MOST_ERRORS} == {}


@pytest.mark.parametrize("language", ["en", "ja", "zh"])
def test_every_line_is_understood(language: str) -> None:
    voice = next(voice.name for voice in kokoro.VOICES if voice.language == language)
    rates = {text: error_rate(balloon(text, language), voice) for text in LINES[language]}
    assert {text: rate for text, rate in rates.items() if rate > MOST_ERRORS} == {}


def sample_chapter() -> list[list[Spoken]]:
    """Return the spoken lines of each page of the sample chapter."""
    truth = json.loads((HOUSE / "examples" / "komadori.truth.json").read_text(encoding="utf-8"))
    pages = Transcript.model_validate(truth).pages
    spoken = [[said for line in page.balloons if (said := spoken_text(line)) and said.text] for page in pages]
    assert sum(map(len, spoken)) >= 15
    return spoken


def test_every_line_of_the_sample_chapter_is_understood() -> None:
    """Lines of a word or two, such as "A hop.", are heard among those of their page: alone they could be many words."""
    speak = partial(load_speech_backend("kokoro").speak, language="en", voice="af_heart")
    pause = np.zeros(SAMPLE_RATE // 2, np.float32)
    rates: dict[str, float] = {}
    for page in sample_chapter():
        speeches = {line.text: speak(line.text).samples for line in page}
        alone = {text: samples for text, samples in speeches.items() if len(text) >= ENOUGH_LETTERS}
        row = [sound for line in page for sound in (speeches[line.text], pause)]
        heard = {text: write_down(samples, "en") for text, samples in alone.items()}
        together = " ".join(line.text for line in page)
        heard[together] = write_down(np.concatenate(row), "en")
        rates |= {text: character_error_rate(text, words, "en") for text, words in heard.items()}
    assert {text: rate for text, rate in rates.items() if rate > MOST_ERRORS} == {}


def test_a_higher_pitch_and_another_rate_are_understood() -> None:
    speak = load_speech_backend("kokoro").speak
    text = LINES["en"][0]
    for rate, pitch in ((1.2, 2.0), (0.85, -2.0)):
        speech = speak(text, language="en", voice="am_michael", rate=rate, pitch=pitch)
        assert character_error_rate(text, write_down(speech.samples, "en"), "en") <= MOST_ERRORS


def test_the_listener_hears_another_line() -> None:
    """The rates mean something: a line that says something else is far off."""
    speech = load_speech_backend("kokoro").speak("The train has left.", language="en", voice="af_heart")
    assert character_error_rate(LINES["en"][1], write_down(speech.samples, "en"), "en") > 0.5


@pytest.mark.parametrize("text", LINES["ja"])
def test_open_jtalk_is_understood(text: str) -> None:
    speech = load_speech_backend("openjtalk").speak(text.replace("\n", ""), language="ja", voice="mei")
    assert character_error_rate(text, write_down(speech.samples, "ja"), "ja") <= MOST_ERRORS
