"""The words of each language: which terminals of the grammar they stand for, and the answers in that language."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import resources

LANGUAGES = ("en", "ja", "zh", "ko", "fr", "de", "es")
"""The languages that have a table, in the order in which sentences of an unclear language are tried."""
_UNSPACED = ("ja", "zh", "ko")
"""Languages whose words are matched without spaces between them."""
HEARD_TABLES = ("sounds", "places", "moods")
"""The tables of words for sound effects, places and moods of music, by their names in `storage.sound`."""


@dataclass(frozen=True)
class Vocabulary:
    """The words of one language.

    Attributes:
        language: Its code, such as "en".
        terms: The terminals that each phrase stands for; none for phrases without meaning of their own. What is only
            a word for something heard is HEARD.
        heard: The names of sound effects, places and moods, by the tables in HEARD_TABLES and the phrases.
        numbers: Number words and their values.
        ordinals: Words such as "third" and their values; -1 is the last.
        replies: Whole sentences that are a reply, and their terminal.
        opening: Phrases that are left out at the beginning of a sentence.
        closing: Phrases that are left out at its end.
        known: Words that are not taken for misspelt words of the vocabulary.
        markers: Common words by which the language is recognized.
        denial: Matches words with which a sentence denies or restricts what it says.
        answers: Texts in the language, by their names.
        pattern: Matches the longest phrase at a position.
    """

    language: str
    terms: Mapping[str, tuple[str, ...]]
    heard: Mapping[str, Mapping[str, str]]
    numbers: Mapping[str, int]
    ordinals: Mapping[str, int]
    replies: Mapping[str, str]
    opening: tuple[str, ...]
    closing: tuple[str, ...]
    known: frozenset[str]
    markers: frozenset[str]
    denial: re.Pattern[str]
    answers: Mapping[str, str]
    pattern: re.Pattern[str]

    @property
    def is_spaced(self) -> bool:
        """Whether spaces separate the words of the language."""
        return self.language not in _UNSPACED

    def words(self) -> frozenset[str]:
        """Return every single word that occurs in a phrase with a meaning."""
        phrases = [phrase for phrase, terminals in self.terms.items() if terminals]
        return frozenset(word for phrase in (*phrases, *self.numbers) for word in re.findall(r"[^\W\d_]+", phrase))


@cache
def load_vocabulary(language: str) -> Vocabulary:
    """Load the table of a language from the package's data."""
    text = resources.files(__package__).joinpath("words", f"{language}.toml").read_text(encoding="utf-8")
    data = tomllib.loads(text)
    fillers, numbers, ordinals = data["fillers"], data.get("numbers", {}), data.get("ordinals", {})
    terms = {phrase: tuple(key.split()) for key, phrases in data["terms"].items() for phrase in phrases}
    heard = {
        table: {phrase: name for name, phrases in data.get(table, {}).items() for phrase in phrases}
        for table in HEARD_TABLES
    }
    words_heard = dict.fromkeys((phrase for phrases in heard.values() for phrase in phrases), ("HEARD",))
    terms = dict.fromkeys(fillers["words"], ()) | words_heard | terms
    return Vocabulary(
        language=language,
        terms=terms,
        heard=heard,
        numbers=numbers,
        ordinals=ordinals,
        replies={phrase: key for key, phrases in data["replies"].items() for phrase in phrases},
        opening=_longest_first(fillers.get("opening", ())),
        closing=_longest_first(fillers.get("closing", ())),
        known=frozenset(fillers.get("known", ())),
        markers=frozenset(data.get("markers", {}).get("words", ())),
        denial=_phrase_pattern(data["negations"]["words"], is_spaced=language not in _UNSPACED),
        answers=data["answers"],
        pattern=_phrase_pattern([*terms, *numbers, *ordinals], is_spaced=language not in _UNSPACED),
    )


def heard_word(table: str, said: str) -> str:
    """Return the name of a sound effect, a place or a mood that a phrase of any language stands for.

    Args:
        table: One of HEARD_TABLES.
        said: The phrase. It is returned in small letters where no language has it.
    """
    phrase = " ".join(said.lower().split())
    return next((heard[phrase] for heard in _heard_phrases(table) if phrase in heard), phrase)


@cache
def _heard_phrases(table: str) -> tuple[Mapping[str, str], ...]:
    return tuple(load_vocabulary(language).heard[table] for language in LANGUAGES)


def _longest_first(phrases: Iterable[str]) -> tuple[str, ...]:
    return tuple(sorted(phrases, key=len, reverse=True))


def _phrase_pattern(phrases: Iterable[str], *, is_spaced: bool) -> re.Pattern[str]:
    """Return a pattern for the longest of some phrases; letters may not go on before or after a spaced word."""
    choices = "|".join(map(_phrase_regex, _longest_first(set(phrases))))
    before, after = (r"(?<![^\W\d_])", r"(?![^\W\d_])") if is_spaced else ("", "")
    return re.compile(rf"(?:{before}(?:{choices}){after})", re.IGNORECASE)


def _phrase_regex(phrase: str) -> str:
    """Return a regular expression for a phrase, in which a space stands for any number of spaces or a hyphen."""
    return r"(?:\s+|-)".join(map(re.escape, phrase.replace("’", "'").split())).replace("'", "['’]")
