"""Write English text in the phonemes with which Kokoro was trained, by the dictionaries of misaki.

The dictionaries (Apache-2.0, 180,000 words each for American and British English) come in the package misaki. Its
program needs a large tagger of word classes for the 790 words that are said otherwise as noun and verb, which is not in
any package; here the word before decides. Words that are in no dictionary are guessed from their letters.

Source: hexgrad, misaki, the pronunciation engine of Kokoro, 2025.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from importlib.resources import files

from storage.errors import BackendError
from tools.speech.english_numbers import spell_numbers
from tools.speech.letter_sounds import guess_pronunciation

PACKAGE = "misaki"
PUNCTUATION = frozenset(';:,.!?—…"()“”')
"""Signs to which Kokoro listens: it pauses, or raises the voice."""
_TOKEN = re.compile(r"[A-Za-z]+(?:['’][A-Za-z]+)*['’]?|[^\sA-Za-z]")
_VOWELS = frozenset("AIOQWYaiuæɑɒɔəɛɜɪʊʌᵻ")
_STRESSES = "ˈˌ"
_SYMBOLS = {"%": "percent", "&": "and", "+": "plus", "@": "at"}
_TITLES = {
    "mr": "mister",
    "mrs": "missus",
    "ms": "miz",
    "dr": "doctor",
    "st": "saint",
    "vs": "versus",
    "prof": "professor",
}
_JAPANESE = {
    "san": "sˈɑn", "kun": "kˈun", "chan": "ʧˈɑn", "sama": "sˈɑmə", "senpai": "sˈɛnpI", "sensei": "sˈɛnsA",
    "oi": "ˈOi", "nani": "nˈɑni", "baka": "bˈɑkə",
}  # fmt: skip
"""Forms of address and calls that translations of manga keep."""
_BEFORE_VERBS = re.compile(
    "to|i|you|we|they|he|she|it|who|(i|you|we|they)'(ll|d)|will|would|can|could|should|must|may|might|shall|let|please|"
    "not|(do|wo|ca|did|would|could|should)n?'t"
)
_BEFORE_NOUNS = re.compile("an?|the|my|your|his|her|its|our|their|this|that|these|those|no|any|some|every|of")
_BEFORE_PARTICIPLES = re.compile("have|has|had|(i|you|we|they)'ve|was|were|been|be|is|are")
_ENDINGS = tuple(
    (ending, re.compile(f"(.+){pattern}"), put_back)
    for ending, pattern, put_back in (
        *((contraction, contraction, ("",)) for contraction in ("'s", "'d", "'ll", "'ve", "'re", "n't")),
        ("s", "ies", ("y",)), ("s", "(?<!s)s", ("",)), ("s", "es", ("",)), ("ed", "ied", ("y",)),
        ("ed", "ed", ("", "e")), ("ing", "ing", ("", "e")), ("in", "in'?", ("", "e")),
    )
)  # fmt: skip
"""Endings, how they are spelt, and the letters that they may have taken from the stem."""
_TITLE_STOP = re.compile(r"\b(mr|mrs|ms|dr|st|prof|vs)\.", re.IGNORECASE)
_SPACE_BEFORE_SIGN = re.compile(r"\s+(?=[,.;:!?…])")
_CONSONANTS = re.compile(r"[bcdfghjklmnpqrstvwxz]+")
Entry = str | dict[str, str | None]


@dataclass(frozen=True)
class SaidWord:
    """A word, or a sign, and how it is said."""

    text: str
    phonemes: str
    is_word: bool
    has_space: bool
    """Whether a space stands before it."""


def pronounce(text: str, *, british: bool = False) -> list[SaidWord]:
    """Return the words and signs of an English text with their phonemes.

    Args:
        text: An English text; in capitals too, as balloons are lettered.
        british: Whether it is said as in Britain, else as in America.

    Raises:
        BackendError: A dictionary is missing or damaged.
    """
    plain = "".join(
        char for char in unicodedata.normalize("NFKD", text.replace("...", "…")) if not unicodedata.combining(char)
    )
    plain = plain.replace("...", "…").replace("’", "'").replace("--", "—").replace("–", "—")
    plain = _TITLE_STOP.sub(r"\1", _spell_initials(plain))
    spelt = _SPACE_BEFORE_SIGN.sub("", spell_numbers(plain))
    initials = spelt.upper() != spelt  # a balloon in capitals does not say which words are initials
    found = list(_TOKEN.finditer(spelt))
    said: list[SaidWord] = []
    following = ""
    for place in range(len(found) - 1, -1, -1):
        token = found[place].group()
        previous = found[place - 1].group().lower() if place else ""
        is_word = token[0].isalpha() or token in _SYMBOLS
        phonemes = (
            _word(token, previous, following, british, initials) if is_word else token if token in PUNCTUATION else ""
        )
        if phonemes:
            start = found[place].start()
            said.append(SaidWord(token, phonemes, is_word, start == 0 or spelt[start - 1].isspace()))
            following = phonemes
    return said[::-1]


def english_phonemes(words: list[SaidWord]) -> str:
    """Return the phonemes of a line as one text."""
    return "".join((" " if word.has_space else "") + word.phonemes for word in words).strip()


def _spell_initials(text: str) -> str:
    """Return a text in which letters with full stops between them, such as "U.S.A.", are one word in capitals."""
    return re.sub(r"\b(?:[A-Za-z]\.){2,}", lambda initials: initials.group().replace(".", "").upper(), text)


def _word(token: str, previous: str, following: str, british: bool, initials: bool) -> str:
    """Return how a word is said between the word before it and the sounds after it."""
    if initials and token.isupper() and 1 < len(token) <= 3 and not _look_up(token.lower(), previous, british):
        return _spell(token, british)
    word = _SYMBOLS.get(token, token).lower().rstrip("'")
    if special := _small_word(word, following):
        return special
    word = _TITLES.get(word, word)
    return (
        _look_up(word, previous, british)
        or _inflected(word, previous, british)
        or (_spell(word, british) if _CONSONANTS.fullmatch(word) and len(word) <= 5 else "")
        or _guess(word, british)
    )


def _guess(word: str, british: bool) -> str:
    """Return how a word that is in no dictionary is probably said."""
    name, owner, _ = word.partition("'s")
    said = guess_pronunciation(re.sub("[^a-z]", "", name))
    return said + (_ending("s", said[-1], british) if owner and said else "")


def _small_word(word: str, following: str) -> str:
    """Return how a word is said that depends on the sound after it or is Japanese; "" for any other word."""
    before_vowel = next((sound in _VOWELS for sound in following if sound not in _STRESSES), None)
    if word == "the":
        return "ði" if before_vowel else "ðə"
    if word == "to" and before_vowel is not None and following[:1] not in PUNCTUATION:
        return "tʊ" if before_vowel else "tə"
    return {"a": "ɐ", "an": "ɐn", "i": "ˌI", **_JAPANESE}.get(word, "")


def _look_up(word: str, previous: str, british: bool) -> str:
    for quality in ("gold", "silver"):
        entries = _dictionary(f"{'gb' if british else 'us'}_{quality}.json")
        for spelling in (word, word.capitalize(), word.upper()):
            entry = entries.get(spelling)
            if entry and not (spelling.isupper() and len(spelling) == 1):
                return _choose(entry, previous).replace("ɾ", "T").replace("ʔ", "t")
    return ""


def _choose(entry: Entry, previous: str) -> str:
    """Return the pronunciation of an entry that fits the word before it."""
    if isinstance(entry, str):
        return entry
    kind = "DEFAULT"
    if _BEFORE_VERBS.fullmatch(previous):
        kind = "VERB"
    elif _BEFORE_NOUNS.fullmatch(previous):
        kind = "NOUN"
    elif _BEFORE_PARTICIPLES.fullmatch(previous):
        kind = "VBN"
    return entry.get(kind) or entry["DEFAULT"] or ""


def _inflected(word: str, previous: str, british: bool) -> str:
    """Return how a word with an ending is said whose stem is in the dictionary; "" otherwise."""
    for ending, stems in _stems(word):
        for stem in stems:
            if len(stem) > 1 and (said := _look_up(stem, previous, british)):
                return said + _ending(ending, said[-1], british)
    return ""


def _stems(word: str) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Yield the endings that a word may have, each with the stems to which it may have been added."""
    for ending, pattern, put_back in _ENDINGS:
        if found := pattern.fullmatch(word):
            stem = found[1]
            single = stem[:-1] if stem[-2:-1] == stem[-1:] else ""  # "stopping" is "stop"
            yield ending, tuple(stem + letters for letters in put_back) + ((single,) if ending != "s" else ())


def _ending(ending: str, last: str, british: bool) -> str:
    """Return how an ending is said after a sound."""
    weak = "ɪ" if british else "ᵻ"
    fixed = {"'ll": "ᵊl", "'ve": "v", "'re": "ɹ", "n't": "ᵊnt", "'d": "d", "ing": "ɪŋ", "in": "ɪn"}
    if ending in fixed:
        return fixed[ending]
    if ending == "ed":
        return f"{weak}d" if last in "td" else "t" if last in "pkfθʃsʧ" else "d"
    return f"{weak}z" if last in "szʃʒʧʤ" else "s" if last in "ptkfθ" else "z"


def _spell(word: str, british: bool) -> str:
    """Return how a word such as "TV" is said letter by letter."""
    entries = _dictionary(f"{'gb' if british else 'us'}_gold.json")
    return "".join(_choose(entries.get(letter, ""), "") for letter in word.upper() if letter.isalpha())


@cache
def _dictionary(name: str) -> dict[str, Entry]:
    file = files(PACKAGE) / "data" / name
    try:
        entries: dict[str, Entry] = json.loads(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        raise BackendError(
            f"the dictionary {name} of the package {PACKAGE} is missing, or is damaged",
            "pip install --force-reinstall --no-deps misaki==0.9.4",
        ) from None
    return entries
