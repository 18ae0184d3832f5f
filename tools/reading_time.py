"""Estimate how many seconds a viewer needs to read a line of lettering, from its length and language."""

from __future__ import annotations

import re
import unicodedata

CHARACTERS_A_SECOND = {"ja": 8.0, "zh": 9.0, "ko": 12.0, "en": 15.0}
"""How fast lettering is read, by language: subtitle practice, doubled for Japanese, which is read off the page here."""
OTHERS = 15.0
FLOOR = 0.83
"""Seconds: no line is shorter than five sixths of a second, the floor of subtitling."""
FIND = 0.5
"""Seconds that the eye takes to find a balloon."""

_RUN = re.compile(r"([.…・·‥。、,!?！？ー―—〜~♡♥☆-])[.…・·‥。、,!?！？ー―—〜~♡♥☆-]+")


def count_characters(text: str) -> int:
    """How many characters the eye takes in: blanks count nothing, a run of dots, dashes or marks counts as one."""
    folded = "".join(unicodedata.normalize("NFC", text).split())
    return len(_RUN.sub(r"\1", folded))


def language_of(text: str) -> str:
    """Guess the language of some lettering from its script: "ja", "ko", "zh" or "" (an alphabet, or nothing)."""
    han = False
    for char in text:
        if "぀" <= char <= "ヿ" or "ｦ" <= char <= "ﾟ":
            return "ja"
        if "가" <= char <= "힣" or "ᄀ" <= char <= "ᇿ":
            return "ko"
        han = han or "一" <= char <= "鿿" or "㐀" <= char <= "䶿"
    return "zh" if han else ""


def characters_a_second(text: str, language: str = "") -> float:
    """Reading speed for `text`; `language` is a code such as "ja" or "zh-TW", "" to guess it from the script."""
    code = language.strip().lower().replace("_", "-").split("-")[0] or language_of(text)
    return CHARACTERS_A_SECOND.get(code, OTHERS)


def reading_seconds(text: str, language: str = "", *, find: bool = True) -> float:
    """Seconds that a line must stay wholly in view.

    Characters at the language's speed, at least FLOOR; `find` adds the time it takes to find the balloon.
    Source: subtitling practice (Netflix timed text: floor 5/6 s; characters a second by language).
    """
    seconds = max(FLOOR, count_characters(text) / characters_a_second(text, language))
    return seconds + (FIND if find else 0.0)
