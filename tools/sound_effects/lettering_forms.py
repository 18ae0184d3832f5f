"""Read the forms of a drawn sound word: its language, its letters without marks of length, and its repetition."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

Language = Literal["ja", "en", "ko", "zh"]
_LOOKALIKES = str.maketrans("口力二八工夕卜一三千匕", "ロカニハエタトーミチヒ")
"""Kanji that are read in place of the same strokes of katakana."""
_ROWS = {
    "あ": "あかがさざただなはばぱまやゃらわ",
    "い": "いきぎしじちぢにひびぴみりゐ",
    "う": "うくぐすずつづぬふぶぷむゆゅるゔ",
    "え": "えけげせぜてでねへべぺめれゑ",
    "お": "おこごそぞとどのほぼぽもよょろを",
}
_VOWEL_OF = {kana: vowel for vowel, row in _ROWS.items() for kana in row}
_SMALL_VOWELS = str.maketrans("ぁぃぅぇぉゎ", "あいうえおわ")
_LENGTH_MARKS = "ー〜～~―—–‐－ｰ"
_GLIDES = "ゃゅょ"
_NO_CONSONANT, _CODAS = 11, 28
"""The place of the silent initial among the initials of Hangul, and how many finals a syllable may have."""


@dataclass(frozen=True)
class Lettering:
    """A drawn sound word."""

    language: Language
    base: str
    """Its letters without marks of length; katakana as hiragana, Latin letters small and without spaces."""
    marks: int = 0
    """How many marks or letters draw it out."""
    is_sharp: bool = False
    """Whether it ends in a small tsu."""
    is_beaten: bool = False
    """Whether small tsus part its sounds."""
    words: tuple[str, ...] = ()
    """The words of a lettering in Latin letters."""

    def forms(self) -> Iterator[tuple[str, int]]:
        """Yield the word as a whole, and its shorter repetitions with how often they come."""
        yield self.base, 1
        unit, repeats = self._unit(), self.repeats
        if repeats > 1:
            yield unit * 2, max(1, repeats // 2)
            yield unit, repeats

    @property
    def repeats(self) -> int:
        """How often its shortest part comes; 1 where it is no repetition."""
        return len(self.base) // len(self._unit())

    def _unit(self) -> str:
        if len(self.words) > 1 and len(set(self.words)) == 1:
            return self.words[0]
        return repeated_unit(self.base)

    def is_one_mora(self, form: str) -> bool:
        """Return whether a form is a single sound of Japanese, which stands for something only with a mark."""
        return self.language == "ja" and sum(kana not in _GLIDES for kana in form) == 1


def read_lettering(text: str) -> Lettering | None:
    """Return the forms of a lettering; None if it has no letters of a language that is known, or mixes several."""
    plain = unicodedata.normalize("NFKC", text)
    scripts = {_script(char) for char in plain} - {""}
    if "kana" in scripts:
        return _read_kana(plain) if scripts <= {"kana", "han"} else None
    readers = {"latin": _read_latin, "hangul": _read_hangul, "han": _read_han}
    reader = readers.get(scripts.pop()) if len(scripts) == 1 else None
    return reader(plain) if reader else None


def repeated_unit(text: str) -> str:
    """Return the shortest part of which a text is a repetition; the text itself if it is none."""
    for size in range(1, len(text) // 2 + 1):
        if len(text) % size == 0 and text[:size] * (len(text) // size) == text:
            return text[:size]
    return text


def squeezed(word: str) -> str:
    """Return a word in which no letter comes twice in a row."""
    return re.sub(r"(.)\1+", r"\1", word)


def _script(char: str) -> str:
    """Return the script of a letter, "" for anything else."""
    if char in _LENGTH_MARKS or not (char.isalpha() or char in "ゝゞヽヾ"):
        return ""
    for script, first, last in (("kana", 0x3041, 0x30FF), ("hangul", 0x1100, 0x11FF), ("hangul", 0x3130, 0x318F),
                                ("hangul", 0xAC00, 0xD7A3), ("han", 0x3400, 0x9FFF)):  # fmt: skip
        if first <= ord(char) <= last:
            return script
    return "latin" if "LATIN" in unicodedata.name(char, "") else "other"


def _read_kana(text: str) -> Lettering | None:
    text = text.translate(_LOOKALIKES)
    if any(_script(char) == "han" for char in text):
        return None
    kana, marks, tsus, is_sharp = "", 0, 0, False
    for char in map(_hiragana, text):
        if char == "っ":
            tsus, is_sharp = tsus + 1, True
        elif char in _LENGTH_MARKS or (kana and _draws_out(char, kana[-1])):
            marks += bool(kana)
        elif _script(char):
            kana += char.translate(_SMALL_VOWELS)
            is_sharp = False
    return Lettering("ja", kana, marks, is_sharp, is_beaten=tsus > 1) if kana else None


def _hiragana(char: str) -> str:
    return chr(ord(char) - 0x60) if "ァ" <= char <= "ヴ" else char


def _draws_out(char: str, before: str) -> bool:
    """Return whether a vowel only draws out the sound before it."""
    vowel, sound = char.translate(_SMALL_VOWELS), _VOWEL_OF.get(before, "")
    return vowel in "あいうえお" and (vowel == sound or (vowel, sound) in (("う", "お"), ("い", "え")))


def _read_latin(text: str) -> Lettering | None:
    plain = "".join(char for char in unicodedata.normalize("NFKD", text.casefold()) if not unicodedata.combining(char))
    words = [word for part in re.split(r"[\s.,;:!?~*…/]+", plain) for word in _hyphenated(part)]
    marks = sum(len(run) - 2 for word in words for run in re.findall(r"((.)\2{2,})", word) for run in run[:1])
    short = tuple(_undrawn(word) for word in words)
    return Lettering("en", "".join(short), marks, words=short) if short else None


def _hyphenated(part: str) -> list[str]:
    """Return the words of "knock-knock", and the one word of "ka-boom"."""
    words = [word for word in (re.sub("[^a-z]", "", word) for word in re.split("[-‐–—]", part)) if word]
    return words if len(set(words)) == 1 else ["".join(words)] if words else []


def _undrawn(word: str) -> str:
    """Return a word in which no letter comes more than twice in a row."""
    return re.sub(r"(.)\1{2,}", r"\1\1", word)


def _read_hangul(text: str) -> Lettering | None:
    syllables, marks = "", 0
    for char in text:
        if not "가" <= char <= "힣":
            marks += char in _LENGTH_MARKS or char == "ㅡ"
        elif syllables and _goes_on(char, syllables[-1]):
            syllables = syllables[:-1] + chr(ord(syllables[-1]) + (ord(char) - 0xAC00) % _CODAS)
            marks += 1
        else:
            syllables += char
    return Lettering("ko", syllables, marks) if syllables else None


def _goes_on(char: str, before: str) -> bool:
    """Return whether a syllable without an initial only draws out the vowel of an open syllable before it."""
    initial, vowel = divmod((ord(char) - 0xAC00) // _CODAS, 21)
    open_before, vowel_before = (ord(before) - 0xAC00) % _CODAS == 0, (ord(before) - 0xAC00) // _CODAS % 21
    return initial == _NO_CONSONANT and open_before and vowel == vowel_before


def _read_han(text: str) -> Lettering | None:
    return Lettering(
        "zh", "".join(char for char in text if _script(char) == "han"), sum(map(_LENGTH_MARKS.count, text))
    )
