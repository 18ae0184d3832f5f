"""Find the sound that a lettering stands for, in Japanese, English, Korean and Chinese; unknown letterings have none.

The table is `onomatopoeia.toml`. Lettering is drawn out, repeated and varied, so that a word is looked up without its
marks of length and in its shortest repetition: ドドドォン, BOOOOM, 쿠우웅. What is drawn longer lasts longer.
"""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files

import numpy as np

from storage.sound import SoundKind
from tools.sound_effects import RECIPES
from tools.sound_effects.lettering_forms import Lettering, read_lettering, squeezed

USUAL_SHARE = 0.06
"""The share of a panel's area that a lettering usually takes; at it a sound is as loud as its kind."""
_SIZE_DECIBELS, _QUIETEST, _LOUDEST = 6.0, -6.0, 4.0
"""Decibels for ten times the area, and the bounds of what size changes."""
_SHOUT, _MOST_SHOUTS = 1.0, 2
_EACH_REPEAT, _EACH_MARK, _SHARP = 0.6, 0.22, 0.85
"""By what share of its time each repetition and each mark of length draws a sound out, and what a small tsu leaves."""
PACES: Mapping[SoundKind, float] = {"step": 0.56, "run": 0.27, "knock": 0.21, "heartbeat": 0.82, "drip": 0.9}
"""Seconds from one to the next of what comes as often as it is drawn."""
_FUZZY_FROM = {"ja": 4, "en": 6, "ko": 7, "zh": 99}
"""Characters (jamo in Korean) from which on one may be misread; shorter ones would become other words."""

_LOOKALIKES = {
    "そ": "ん", "ん": "そり", "り": "ん", "し": "つ", "つ": "し", "ば": "ぱ", "ぱ": "ば", "び": "ぴ", "ぴ": "び",
    "ぶ": "ぷ", "ぷ": "ぶ", "べ": "ぺ", "ぺ": "べ", "ぼ": "ぽ", "ぽ": "ぼ",
}  # fmt: skip
"""Kana of which each is often read as the other."""


@dataclass(frozen=True)
class EffectMatch:
    """The sound of a lettering."""

    kind: SoundKind
    seconds: float
    gain_db: float
    """Decibels against the usual loudness of its kind."""


@dataclass(frozen=True)
class SoundWord:
    """An entry of the table."""

    kind: SoundKind
    gain: float
    seconds: float | None


def match_onomatopoeia(text: str, *, share: float | None = None) -> EffectMatch | None:
    """Return the sound that a lettering stands for.

    Args:
        text: The letters as they were read, with their marks of length and exclamation.
        share: How much of its panel's area the lettering takes, from 0 to 1; a larger one is louder. None is usual.

    Returns:
        The sound, or None where the lettering is in no table: nothing is guessed. Longer words may differ by one
        character that was misread.
    """
    lettering = read_lettering(text)
    if lettering is None:
        return None
    found = next(_known(lettering), None) or next(_misread(lettering), None) or _nearly_known(lettering)
    if found is None:
        return None
    word, repeats = found
    recipe = RECIPES[word.kind]
    seconds = (word.seconds or recipe.seconds) * (1 + _EACH_REPEAT * (repeats - 1))
    if word.kind in PACES and lettering.repeats > 1:
        seconds = 0.3 + PACES[word.kind] * lettering.repeats
    seconds *= (1 + _EACH_MARK * min(lettering.marks, 8)) * (
        _SHARP if lettering.is_sharp and not lettering.marks else 1
    )
    gain = word.gain + _size_gain(share) + _SHOUT * min(_MOST_SHOUTS, len(re.findall("[!！]", text)))
    return EffectMatch(word.kind, round(min(seconds, recipe.longest), 3), round(gain, 2))


def _size_gain(share: float | None) -> float:
    if share is None:
        return 0.0
    decibels = _SIZE_DECIBELS * float(np.log10(max(share, 1e-4) / USUAL_SHARE))
    return min(_LOUDEST, max(_QUIETEST, decibels))


def _known(lettering: Lettering) -> Iterator[tuple[SoundWord, int]]:
    """Yield the entries for a lettering, by its longest form first, and how often each is repeated in it."""
    table = sound_words()[lettering.language]
    for form, repeats in lettering.forms():
        for marker in _markers(lettering, form):
            if form + marker in table:
                yield table[form + marker], repeats
    if lettering.language == "en":
        short = squeezed(lettering.base)
        if short in (loose := _squeezed_words()):
            yield loose[short], 1


def _markers(lettering: Lettering, form: str) -> list[str]:
    """Return the marks with which a form is looked up, the strictest first; a single sound of Japanese needs one."""
    is_single = lettering.is_one_mora(form)
    markers = ["ー"] if lettering.marks else []
    markers += ["っ"] if lettering.is_beaten or (lettering.is_sharp and is_single) else []
    return markers if is_single else [*markers, ""]


def _misread(lettering: Lettering) -> Iterator[tuple[SoundWord, int]]:
    """Yield the entries for a Japanese lettering in which one kana was read as another that looks like it."""
    if lettering.language == "ja" and len(lettering.base) > 2:
        for place, kana in enumerate(lettering.base):
            for other in _LOOKALIKES.get(kana, ""):
                yield from _known(replace(lettering, base=lettering.base[:place] + other + lettering.base[place + 1 :]))


def _nearly_known(lettering: Lettering) -> tuple[SoundWord, int] | None:
    """Return the one entry from which a long lettering differs by one character; None where there are several kinds."""
    from rapidfuzz import process
    from rapidfuzz.distance import Levenshtein

    for form, repeats in lettering.forms():
        spelled = unicodedata.normalize("NFD", form) if lettering.language == "ko" else form
        if len(spelled) < _FUZZY_FROM[lettering.language]:
            continue
        near = process.extract(
            spelled, _spelled(lettering.language), scorer=Levenshtein.distance, score_cutoff=1, limit=9
        )
        words = {key: sound_words()[lettering.language][key] for _, _, key in near}
        if len({word.kind for word in words.values()}) == 1:
            return next(iter(words.values())), repeats
    return None


@cache
def _spelled(language: str) -> Mapping[str, str]:
    """Return how each long enough word of a language is spelled for comparison, by its key."""
    keys = [key for key in sound_words()[language] if key[-1] not in "ーっ"]
    spelled = {key: unicodedata.normalize("NFD", key) if language == "ko" else key for key in keys}
    return {key: text for key, text in spelled.items() if len(text) >= _FUZZY_FROM[language]}


@cache
def sound_words() -> Mapping[str, Mapping[str, SoundWord]]:
    """Return the words of each language ("ja", "en", "ko", "zh") by the key they are looked up by.

    A word that holds only for long letterings ends in "ー", one that holds only for sharp ones in "っ".
    """
    table: dict[str, dict[str, SoundWord]] = {"ja": {}, "en": {}, "ko": {}, "zh": {}}
    for language, key, word in table_entries():
        table[language].setdefault(key, word)
    return table


def table_entries() -> Iterator[tuple[str, str, SoundWord]]:
    """Yield the language, the key and the sound of every entry of the table, in its order.

    Raises:
        ValueError: An entry is not written in the letters of its language.
    """
    text = files("tools.sound_effects").joinpath("onomatopoeia.toml").read_text(encoding="utf-8")
    for group in tomllib.loads(text)["sound"]:
        word = SoundWord(group["kind"], float(group.get("gain", 0)), group.get("seconds"))
        for language in ("ja", "en", "ko", "zh"):
            for entry in group.get(language, ()):
                for spelling in _spellings(entry):
                    yield language, _key(spelling, language), word


def _spellings(entry: str) -> Iterator[str]:
    """Yield an entry without and with what stands in brackets in it."""
    yield re.sub(r"\(.*?\)", "", entry)
    if "(" in entry:
        yield re.sub(r"[()]", "", entry)


def _key(spelling: str, language: str) -> str:
    lettering = read_lettering(spelling)
    if lettering is None or lettering.language != language:
        raise ValueError(f"{spelling} is not written in {language}")
    if language in ("en", "zh"):
        return lettering.base
    markers = _markers(lettering, lettering.base)
    if not markers:
        raise ValueError(f"{spelling} is a single sound, which needs a mark")
    return lettering.base + markers[0]


@cache
def _squeezed_words() -> Mapping[str, SoundWord]:
    """Return the English words without doubled letters, where only one kind is spelled so."""
    found: dict[str, SoundWord | None] = {}
    for key, word in sound_words()["en"].items():
        short = squeezed(key)
        other = found.get(short, word)
        found[short] = word if other is not None and other.kind == word.kind else None
    return {short: word for short, word in found.items() if word is not None and len(short) > 3}
