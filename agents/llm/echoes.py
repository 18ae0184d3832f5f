"""Find texts of an answer that only repeat the question: its schema's descriptions, or phrases that it names.

Small models fill a form with the form's own words. Such a text says nothing, and is not shown to anybody.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

ECHO_WORDS, ECHO_SHARE = 4, 0.6
"""A text repeats a description if it has so many words of it in a row, and at least this share of its words from it."""


@dataclass(frozen=True)
class Echoes:
    """Texts that say nothing where an answer repeats them, as their words.

    Attributes:
        descriptions: The descriptions of a schema.
        phrases: Texts that are echoes only as a whole: clauses of descriptions, and what the question names.
    """

    descriptions: frozenset[tuple[str, ...]]
    phrases: frozenset[tuple[str, ...]]

    @classmethod
    def of(cls, schema: dict[str, Any], phrases: Sequence[str]) -> Echoes:
        """Return the echoes of answers of a JSON schema to a question with these phrases."""
        found = list(_descriptions(schema))
        clauses = [clause for text in found for clause in (text, *re.split("[;:]", text))]
        whole = {words for words in map(_words, clauses) if len(words) > 1} | {_words(text) for text in phrases}
        return cls(frozenset(map(_words, found)), frozenset(whole - {()}))


def _descriptions(schema: Any) -> Iterator[str]:
    """Yield every description in a JSON schema."""
    if isinstance(schema, dict):
        own = schema.get("description")
        yield from [own] if isinstance(own, str) else []
    inner = schema.values() if isinstance(schema, dict) else schema if isinstance(schema, list) else ()
    for nested in inner:
        yield from _descriptions(nested)


def drop_echoes(value: Any, echoes: Echoes) -> Any:
    """Return a value with "" for every text that is an echo, and without such texts in lists."""
    if isinstance(value, dict):
        return {name: drop_echoes(inner, echoes) for name, inner in value.items()}
    if isinstance(value, list):
        return [drop_echoes(inner, echoes) for inner in value if not _is_echo(inner, echoes)]
    return "" if _is_echo(value, echoes) else value


def _is_echo(value: object, echoes: Echoes) -> bool:
    """Return whether a text repeats a phrase, or a description with little added."""
    said = _words(value) if isinstance(value, str) else ()
    return said in echoes.phrases or any(_repeats(said, text) for text in echoes.descriptions)


def _repeats(said: tuple[str, ...], text: tuple[str, ...]) -> bool:
    """Return whether words have a run of words in common with a description, and little beside its words."""
    runs = {text[at : at + ECHO_WORDS] for at in range(len(text) - ECHO_WORDS + 1)}
    shared = sum(word in text for word in said)
    return shared >= ECHO_SHARE * len(said) and any(
        said[at : at + ECHO_WORDS] in runs for at in range(len(said) - ECHO_WORDS + 1)
    )


def _words(text: str) -> tuple[str, ...]:
    """Return the words of a text in lower case, without punctuation."""
    return tuple(re.findall(r"\w+", text.casefold()))
