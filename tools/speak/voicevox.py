"""Speak Japanese with a VOICEVOX engine, which runs beside Komadori and has many voices with styles.

The engine (LGPL-3) is asked over HTTP; AivisSpeech and COEIROINK answer alike. It says when each mora is spoken. Every
voice has its own terms of use, and asks for a credit such as "VOICEVOX:ずんだもん", which the film's credits get.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from storage.errors import BackendError, SpeechServerError
from storage.sound import Age, Gender
from tools.audio import limit_peak
from tools.speak import SAMPLE_RATE, Emotion, Speech, SpeechBackend, SpeechMark, Voice
from tools.speech.servers import read_speech, speech_server
from tools.speech.waveforms import trim_silence

PLAIN_STYLES = ("ノーマル", "ふつう", "通常")
WHISPERS = ("ささやき", "ヒソヒソ", "内緒話")
SHOUTS = ("怒り", "おこ", "熱血", "つよつよ", "絶望と敗北")
_MEN: dict[str, Age] = {
    "玄野武宏": "young", "白上虎太郎": "young", "青山龍星": "adult", "剣崎雌雄": "adult", "麒ヶ島宗麟": "old",
    "栗田まろん": "young", "ちび式じい": "old", "†聖騎士 紅桜†": "adult", "雀松朱司": "adult", "黒沢冴白": "adult",
}  # fmt: skip
"""The voices of men, which the engine does not tell apart; the others are those of women, and some of children."""
_CHILDREN = frozenset(("ユーレイちゃん", "あんこもん", "ずんだもん"))
_SHOUT_INTONATION = 1.3
_MOST_PITCH = 0.5


class Backend:
    """Speak with a VOICEVOX engine.

    Args:
        url: Its address.
        product: The name in the credits, such as "AivisSpeech" for another engine.
        seconds: Time for one line.
    """

    version = 1
    shared = True
    has_remote_voices = True

    def __init__(
        self,
        *,
        url: str = "http://127.0.0.1:50021",
        product: str = "VOICEVOX",
        seconds: Annotated[float, Field(gt=0, le=600)] = 60.0,
    ) -> None:
        self.server = speech_server(url.rstrip("/"), seconds=seconds)
        self.product = product

    @cached_property
    def identity(self) -> str:
        """The version of the engine."""
        return f"{self.product} {self._json(self.server.get('/version'))}"

    def voices(self, language: str) -> tuple[Voice, ...]:
        """List the voices of the engine, which speak Japanese; see the protocol in `tools/speak`."""
        if language != "ja":
            return ()
        return tuple(Voice(name, "ja", _gender(name), _age(name)) for name in self._styles)

    def speak(
        self, text: str, *, language: str, voice: str, rate: float = 1.0, pitch: float = 0.0, emotion: Emotion = ""
    ) -> Speech:
        """Say a text; see the protocol in `tools/speak`.

        `voice` is a voice, such as "ずんだもん", or one of its styles, "ずんだもん/あまあま". A line is whispered or
        shouted in a style for it, where the voice has one.
        """
        if language != "ja":
            raise BackendError(f"{self.product} does not speak the language {language!r}", "choose another backend")
        style = str(self._style(voice, emotion))
        query = self._json(self.server.post("/audio_query", query={"text": text, "speaker": style}))
        if not isinstance(query, dict):
            raise self._broken("its query is no object")
        query["speedScale"] = rate
        query["pitchScale"] = max(-_MOST_PITCH, min(_MOST_PITCH, pitch / 12))  # in octaves
        if emotion == "shout":
            query["intonationScale"] = _SHOUT_INTONATION
        content = self.server.post("/synthesis", query={"speaker": style}, body=query)
        wave, cut = trim_silence(read_speech(content, self.server.host), SAMPLE_RATE)
        if not len(wave):
            raise self._broken("it sent silence")
        marks = tuple(self._marks(query, rate, cut, len(wave) / SAMPLE_RATE))
        return Speech(limit_peak(wave), marks, f"{self.product}:{voice.partition('/')[0]}")

    def _marks(self, query: dict[str, Any], rate: float, cut: float, seconds: float) -> Iterator[SpeechMark]:
        """Yield when each mora is said, within the speech that begins `cut` seconds after the engine's."""
        try:
            place = float(query.get("prePhonemeLength", 0.0))
            for phrase in query["accent_phrases"]:
                for mora in phrase["moras"]:
                    start, place = place, place + float(mora.get("consonant_length") or 0) + float(mora["vowel_length"])
                    times = (min(seconds, max(0.0, time / rate - cut)) for time in (start, place))
                    yield SpeechMark(str(mora["text"]), *times)
                pause = phrase.get("pause_mora") or {}
                place += float(pause.get("vowel_length", 0.0))
        except (KeyError, TypeError, ValueError, AttributeError):
            raise self._broken("its query has no moras") from None

    def _style(self, voice: str, emotion: Emotion) -> int:
        """Return the number of the style in which a voice says a line."""
        name, _, style = voice.partition("/")
        styles = self._styles.get(name)
        if not styles:
            raise BackendError(
                f"{self.product} has no voice named {name!r}", "choose one of: " + ", ".join(sorted(self._styles)[:20])
            )
        if style:
            if style not in styles:
                raise BackendError(f"the voice {name} has no style {style!r}", f"choose one of: {', '.join(styles)}")
            return styles[style]
        fitting = {"whisper": WHISPERS, "shout": SHOUTS}.get(emotion, ())
        plain = next((styles[one] for one in PLAIN_STYLES if one in styles), next(iter(styles.values())))
        return next((styles[one] for one in fitting if one in styles), plain)

    @cached_property
    def _styles(self) -> dict[str, dict[str, int]]:
        """The numbers of the styles by their names, by voice."""
        speakers = self._json(self.server.get("/speakers"))
        try:
            found = {
                str(speaker["name"]): {str(style["name"]): int(style["id"]) for style in speaker["styles"]}
                for speaker in speakers
            }
        except (KeyError, TypeError, ValueError):
            raise self._broken("its list of voices is no list") from None
        return {name: styles for name, styles in found.items() if styles}

    def _json(self, content: bytes) -> Any:
        try:
            return json.loads(content)
        except (ValueError, RecursionError):
            raise self._broken("what it sent is no JSON") from None

    def _broken(self, what: str) -> SpeechServerError:
        return SpeechServerError(
            f"{self.server.host} is no {self.product} engine: {what}", "check the option url", reason="broken"
        )


_CHECKED: type[SpeechBackend] = Backend


def _gender(name: str) -> Gender:
    return "" if name in _CHILDREN else "male" if name in _MEN else "female"


def _age(name: str) -> Age:
    return "child" if name in _CHILDREN else _MEN.get(name, "young")
