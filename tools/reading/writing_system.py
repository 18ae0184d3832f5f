"""Identify the script and the language of lettering from its characters alone."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable

SPACED = ("en", "ko", "fr", "de", "es", "it", "pt", "nl", "id", "vi", "ru", "pl", "tr")
"""Languages that put spaces between words, so that lines are joined with a space."""


def script_of(character: str) -> str:
    """Return the script of a character: kana, han, hangul, latin, cyrillic, or "" for everything else."""
    code = ord(character)
    if 0x3040 <= code <= 0x30FF or 0x31F0 <= code <= 0x31FF or 0xFF66 <= code <= 0xFF9D:
        return "kana"
    if 0x3400 <= code <= 0x9FFF or 0xF900 <= code <= 0xFAFF or 0x20000 <= code <= 0x2FFFF:
        return "han"
    if 0xAC00 <= code <= 0xD7A3 or 0x1100 <= code <= 0x11FF or 0x3130 <= code <= 0x318F:
        return "hangul"
    if 0x0400 <= code <= 0x052F:
        return "cyrillic"
    return "latin" if character.isalpha() and "LATIN" in unicodedata.name(character, "") else ""


def count_scripts(texts: Iterable[str]) -> Counter[str]:
    """Count the characters of each script in the texts, without marks and digits."""
    counted = Counter(script_of(character) for text in texts for character in text)
    del counted[""]
    return counted


def language_of(texts: Iterable[str], hint: str = "") -> str:
    """Return the language of lettering ("ja", "zh", "ko", "en", "ru").

    Kana makes it Japanese even among many Han characters. Han alone is Chinese unless the hint is Japanese or Korean.
    Latin letters are the hinted language if that is written with them, otherwise English.

    Args:
        texts: The lettering.
        hint: The language of the book or page, which decides where the lettering leaves a choice.

    Returns:
        The language; the hint, or "", if there are only marks.
    """
    counted = count_scripts(texts)
    total = sum(counted.values())
    if not total:
        return hint
    if counted["hangul"] * 3 >= total:
        return "ko"
    if counted["kana"] * 12 >= total and counted["kana"] + counted["han"] >= counted["latin"]:
        return "ja"
    if counted["han"] * 2 >= total:
        return hint if hint in ("ja", "zh", "ko") else "zh"
    if counted["cyrillic"] * 2 >= total:
        return "ru"
    return hint if hint and hint not in ("ja", "zh", "ko") else "en"


def count_letters(text: str) -> int:
    """Count the letters and digits of a text."""
    return sum(unicodedata.category(character)[0] in "LN" for character in text)


def is_kana(text: str) -> bool:
    """Return whether a text has kana and no other letters, as furigana has."""
    scripts = {script_of(character) for character in text if character.isalnum()}
    return scripts == {"kana"}


def is_hatching(text: str) -> bool:
    """Return whether a text is hatching mistaken for writing: four or more upright strokes and little else."""
    strokes = sum(character in "lI1|" for character in text)
    return strokes >= 4 and strokes >= 0.6 * len(text.replace(" ", ""))


def is_wordlike(text: str) -> bool:
    """Return whether up to three signs can be a word where words have spaces: "OK", "a", "Zzz", but not "III"."""
    signs = [unicodedata.normalize("NFD", sign)[0].lower() for sign in text if unicodedata.category(sign)[0] in "LN"]
    if not all(sign.isalpha() for sign in signs) or is_hatching(2 * text):
        return False
    return any(sign in "aeiouyаеиоуыэюя" for sign in signs) or (len(signs) > 2 and len(set(signs)) == 1)
