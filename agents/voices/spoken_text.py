"""Turn the lettering of a balloon into what is said: words that a voice can say, a sound such as a gasp, or nothing."""

from __future__ import annotations

import re
import tomllib
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import get_args

from storage.domain import Balloon
from storage.sound import SoundKind
from tools.reading_time import language_of
from tools.speak import Emotion

SPOKEN_KINDS = frozenset(("speech", "thought", "caption"))
"""The kinds of balloons that are said; sound effects are heard as effects, and signs are only read."""
WITHOUT_SPACES = frozenset(("ja", "zh"))
"""The languages whose lines are joined without a space."""
_ALPHABET = "en"
"""The language of letters that may be of many, where neither the reader nor the book says which."""
_THREE_LETTERS = {"jpn": "ja", "eng": "en", "chi": "zh", "zho": "zh", "kor": "ko", "chs": "zh", "cht": "zh"}
_JAMO = "[\u3131-\u318e]"
"""Letters of Korean that stand alone, such as those of laughter."""
_HAN = r"[々〇一-鿿㐀-䶿]"
_FURIGANA = re.compile(rf"[|｜]?({_HAN}+)(?:《([ぁ-ゖァ-ヺー]+)》|[(（]([ぁ-ゖァ-ヺー]+)[)）])")
_FURIGANA_AFTER = re.compile(r"(?:《[ぁ-ゖァ-ヺー]+》|[(（][ぁ-ゖァ-ヺー]+[)）])$")
_STUTTER = re.compile(r"\b(?:([A-Za-z])-)+(?=\1)", re.IGNORECASE)
_STARS = re.compile(r"\*+([^*]*)\*+")
_DOTS = re.compile(r"(?:\.{2,}|[…‥・･.．]{2,}|[…‥])+")
_DASHES = re.compile(r"(?:--+|[—―─━–]+)")
_QUOTES = re.compile(r"[「」『』《》〈〉【】\[\]<>“”„\"«»]")
_WAVES = re.compile(r"[〜～~]+")
_LONG = re.compile(r"ー{2,}")
_REPEATED_MARKS = re.compile(r"([!?！？、，,。])\1+")
_WHOLLY_IN_BRACKETS = re.compile(r"\s*[(（].*[)）]\s*", re.DOTALL)
_BRACKETS = re.compile(r"[()（）]")
_LOUD = re.compile(r"[!！‼]\s*[!！‼]|[‼]")
_FULL_WIDTH = str.maketrans("!?,.:;", "！？、。：；")
_BLANKS = re.compile(r"\s+")
_SPACE_AT_HAN = re.compile(r"(?<=[^\x00-\x7f]) | (?=[^\x00-\x7f])")


@dataclass(frozen=True)
class Spoken:
    """What is said of a balloon."""

    text: str
    """The words; "" if it is a sound without words."""
    language: str
    """The language in ISO 639-1."""
    sound: SoundKind | None = None
    """The sound in place of words: a gasp, a laugh, a sigh, a gulp, or a silence that lasts for a beat."""
    emotion: Emotion = ""

    @property
    def is_nonverbal(self) -> bool:
        """Return whether a sound is heard and no words."""
        return self.sound is not None


def spoken_text(
    balloon: Balloon, lexicon: Mapping[str, str] | None = None, *, book_language: str = ""
) -> Spoken | None:
    """Return what is said of a balloon.

    Args:
        balloon: A balloon, with its lettering in reading order.
        lexicon: How words and names are read, such as {"美夏": "みか"}: a person's readings go before furigana.
        book_language: The language of the book in ISO 639-1, for lettering that could be of several languages.

    Returns:
        The words without signs that are not said; a sound where the balloon says no words; None for what is never
        said: sound effects, signs, captions without words, and balloons that were not read.
    """
    if balloon.kind not in SPOKEN_KINDS or not balloon.text.strip():
        return None
    language = line_language(balloon, book_language)
    emotion = _emotion(balloon)
    words = _clean(_read_names(balloon.text, lexicon or {}), language)
    sound = nonverbal_kind(words, language)
    if sound is None:
        return Spoken(words, language, None, emotion)
    return None if balloon.kind == "caption" else Spoken("", language, sound, emotion)


def line_language(balloon: Balloon, book_language: str = "") -> str:
    """Return the language of a balloon in ISO 639-1: the reader's, else that of its script, else the book's."""
    code = _short_code(balloon.language)
    if code:
        return code
    book, script = _short_code(book_language), language_of(balloon.text)
    if script == "zh":  # a line of kanji alone
        return book if book in WITHOUT_SPACES else "ja" if balloon.vertical else "zh"
    return script or ("ko" if re.search(_JAMO, balloon.text) else book or _ALPHABET)


def nonverbal_kind(text: str, language: str) -> SoundKind | None:
    """Return the sound of a text that says no words; "silence" if it has no letters; None if it says words."""
    folded = _fold(text)
    parts = [part for part in re.split(r"[\W\d_]+", folded) if part]
    if not parts:
        return None if any(char.isalnum() for char in text) else "silence"
    if language in WITHOUT_SPACES:
        parts = ["".join(parts)] if _kind("".join(parts), language) else parts
    kinds = [_kind(part, language) for part in parts]
    if any(char.isdigit() for char in text) or None in kinds:
        return None
    return "laugh" if "laugh" in kinds else kinds[0]


def _kind(part: str, language: str) -> SoundKind | None:
    spellings = part, part.replace("ー", "")
    return next(
        (kind for kind, pattern in _nonverbal().get(language, ()) if any(map(pattern.fullmatch, spellings))), None
    )


@cache
def _nonverbal() -> dict[str, tuple[tuple[SoundKind, re.Pattern[str]], ...]]:
    """Return the utterances that are no words, by language."""
    data = tomllib.loads((files("agents.voices") / "nonverbal.toml").read_text(encoding="utf-8"))
    return {
        language: tuple((kind, re.compile(table[kind])) for kind in get_args(SoundKind) if kind in table)
        for language, table in data.items()
    }


def _fold(text: str) -> str:
    """Return a text in lower case and hiragana."""
    return "".join(chr(ord(char) - 96) if "ァ" <= char <= "ヶ" else char for char in text.lower())


def _short_code(language: str) -> str:
    code = language.strip().lower().replace("_", "-").split("-")[0]
    return _THREE_LETTERS.get(code, code)


def _emotion(balloon: Balloon) -> Emotion:
    """Return how a line is said: aloud where it has two exclamation marks, softly where it is all in brackets."""
    if _LOUD.search(balloon.text):
        return "shout"
    is_aside = balloon.kind == "speech" and _WHOLLY_IN_BRACKETS.fullmatch(balloon.text)
    return "whisper" if is_aside else ""


def _read_names(text: str, lexicon: Mapping[str, str]) -> str:
    """Return a text in which words of the lexicon, and words with furigana, stand as they are read."""
    readings = {word.lower(): reading for word, reading in lexicon.items() if word}
    if readings:
        longest_first = sorted(readings, key=len, reverse=True)
        words = re.compile("|".join(_whole_word(word) for word in longest_first), re.IGNORECASE)
        text = words.sub(lambda found: readings[_FURIGANA_AFTER.sub("", found.group()).lower()], text)
    return _FURIGANA.sub(lambda found: found[2] or found[3], text)


def _whole_word(word: str) -> str:
    """Return a pattern of a word of the lexicon; the furigana of a name goes with it."""
    pattern = re.escape(word)
    return rf"(?<![A-Za-z]){pattern}(?![A-Za-z])" if word.isascii() else f"{pattern}(?:{_FURIGANA_AFTER.pattern[:-1]})?"


def _clean(text: str, language: str) -> str:
    """Return a text with its words and the signs that a voice heeds."""
    joint = "" if language in WITHOUT_SPACES else " "
    text = _full_size(_DOTS.sub("…", text)).replace("...", "…")
    text = joint.join(part.strip() for part in text.splitlines())
    text = _BRACKETS.sub(" ", _QUOTES.sub(" ", _without_stars(text, language)))
    text = _LONG.sub(
        "ー", _WAVES.sub("ー" if language == "ja" else " ", _DASHES.sub("、" if joint == "" else "—", text))
    )
    text = "".join(char if _is_said(char) else " " for char in _DOTS.sub("…", text))
    if language in WITHOUT_SPACES:
        text = _SPACE_AT_HAN.sub("", _BLANKS.sub(" ", text.translate(_FULL_WIDTH)))
        if language == "zh":
            text = text.replace("、", "，")
    else:
        text = re.sub(r"\s+(?=[,.;:!?…])", "", _STUTTER.sub("", text))
    return _BLANKS.sub(" ", _REPEATED_MARKS.sub(r"\1", text)).strip(" 、，,;:—・")


def _without_stars(text: str, language: str) -> str:
    """Return a text in which a noise between stars, such as "*gasp*", is gone where words stand beside it."""
    bare = _STARS.sub(r"\1", text)
    if nonverbal_kind(bare, language):
        return bare
    return _STARS.sub(lambda found: " " if nonverbal_kind(found[1], language) else found[1], text)


def _full_size(text: str) -> str:
    """Return a text with letters of the usual width and no ligatures; single letters of Korean stay as they are."""
    runs = re.findall(rf"{_JAMO}+|[^{_JAMO[1:]}+", text)
    return "".join(run if re.match(_JAMO, run) else unicodedata.normalize("NFKC", run) for run in runs)


def _is_said(char: str) -> bool:
    """Return whether a sign is a letter, a digit, or punctuation: not a heart, a note or a picture."""
    return unicodedata.category(char)[0] in "LNMP" or char in " +%&@$£€"
