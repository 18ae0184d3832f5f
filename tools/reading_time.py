"""Estimate how many seconds a viewer needs to read a line of lettering, from its length and language."""

from __future__ import annotations

import re
import unicodedata

CHARACTERS_A_SECOND = {"ja": 8.0, "zh": 9.0, "ko": 12.0, "en": 15.0}
"""Reading speed by language: subtitling practice, doubled for Japanese, which is read off the page here."""
OTHER_CHARACTERS_A_SECOND = 15.0
"""Characters per second in all other languages."""
FLOOR = 0.83
"""Least seconds of a line: five sixths of a second, the minimum of subtitling."""
FIND_SECONDS = 0.5
"""Seconds that the eye needs to find a balloon."""

_RUN = re.compile(r"([.…・·‥。、,!?！？ー―—〜~♡♥☆-])[.…・·‥。、,!?！？ー―—〜~♡♥☆-]+")


def count_characters(text: str) -> int:
    """Count the characters that a reader takes in: no blanks, and a run of dots, dashes or marks counts as one."""
    folded = "".join(unicodedata.normalize("NFC", text).split())
    return len(_RUN.sub(r"\1", folded))


def language_of(text: str) -> str:
    """Guess the language of lettering from its script: "ja", "ko", "zh", or "" for an alphabet or no letters."""
    han = False
    for char in text:
        if "぀" <= char <= "ヿ" or "ｦ" <= char <= "ﾟ":
            return "ja"
        if "가" <= char <= "힣" or "ᄀ" <= char <= "ᇿ":
            return "ko"
        han = han or "一" <= char <= "鿿" or "㐀" <= char <= "䶿"
    return "zh" if han else ""


def characters_a_second(text: str, language: str = "") -> float:
    """Return the reading speed for `text` in characters per second.

    `language` is a code such as "ja" or "zh-TW", "" to guess it from the script.
    """
    code = language.strip().lower().replace("_", "-").split("-")[0] or language_of(text)
    return CHARACTERS_A_SECOND.get(code, OTHER_CHARACTERS_A_SECOND)


def reading_seconds(text: str, language: str = "", *, find: bool = True) -> float:
    """Return the seconds that a line must stay wholly in view.

    This is its characters at the language's speed, at least FLOOR. Source: subtitling practice (Netflix timed text: at
    least 5/6 s; characters per second by language).

    Args:
        text: The lettering.
        language: Its language code, "" to guess it from the script.
        find: Whether to add the time to find the balloon.
    """
    seconds = max(FLOOR, count_characters(text) / characters_a_second(text, language))
    return seconds + (FIND_SECONDS if find else 0.0)
