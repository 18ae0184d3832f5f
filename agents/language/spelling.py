"""Correct misspelt words of a sentence to words of a vocabulary, where only one is near."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.language.vocabulary import Vocabulary

_WORDS = re.compile(r"[^\W\d_]+(?:'[^\W\d_]+)?")
_KATAKANA = re.compile(r"[\u30a1-\u30fa\u30fc]{3,}")
MIN_LETTERS = 4
"""Shortest word that is corrected."""
LONG_WORD = 8
"""Number of letters from which two mistakes are forgiven."""


def words_of(text: str) -> list[str]:
    """Return the words of a text in small letters."""
    return [word.lower() for word in _WORDS.findall(text)]


def correct_words(text: str, words: Vocabulary, names: Sequence[str] = ()) -> tuple[str, tuple[tuple[str, str], ...]]:
    """Correct the words of a text that are misspelt words of a vocabulary.

    Args:
        text: A folded sentence.
        words: The vocabulary.
        names: Names, which are never corrected.

    Returns:
        The text, and the pairs of misspelt and correct words.
    """
    known = words.words()
    fixed = {word for name in names for word in words_of(name)} | words.known | words.markers | _all_words(words)
    corrected: list[tuple[str, str]] = []

    def correct(found: re.Match[str]) -> str:
        word = found[0].lower()
        nearest = "" if word in fixed else nearest_word(word, known)
        if not nearest:
            return found[0]
        corrected.append((found[0], nearest))
        return nearest

    pattern = _WORDS if words.is_spaced else _KATAKANA
    parts = re.split(r"(\"[^\"]*\"|「[^」]*」|“[^”]*”)", text)
    parts[::2] = [pattern.sub(correct, part) for part in parts[::2]]
    return "".join(parts), tuple(corrected)


def nearest_word(word: str, known: frozenset[str]) -> str:
    """Return the one known word that a word is misspelt of, "" if there is none or several are as near.

    One letter may be wrong, missing, added or exchanged with its neighbour; two in a long word. The first letter
    must be right, or exchanged with the second.
    """
    from rapidfuzz.distance import OSA

    if len(word) < (MIN_LETTERS if word.isascii() else MIN_LETTERS - 1):
        return ""
    most = 2 if len(word) >= LONG_WORD else 1
    near: dict[str, int] = {}
    for other in known:
        if len(other) < 3 or abs(len(other) - len(word)) > most or word[0] not in other[:2]:
            continue
        distance = OSA.distance(word, other, score_cutoff=most)
        if distance <= most:
            near[other] = distance
    best = sorted((other for other, distance in near.items() if distance == min(near.values())), key=len)
    is_clear = all(best[-1].startswith(other) for other in best[:-1])  # of "slow" and "slower", "slowr" is the longer
    return best[-1] if best and is_clear else ""


def _all_words(words: Vocabulary) -> set[str]:
    phrases = [*words.terms, *words.numbers, *words.ordinals, *words.opening, *words.closing, *words.replies]
    return {word for phrase in phrases for word in words_of(phrase)}
