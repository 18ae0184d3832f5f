"""Write subtitles as an .srt file, with lines wrapped by the rules of their language."""

from __future__ import annotations

import math
import re
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from storage.errors import StorageError

VERSION = 1
"""Increase it when the same cues are written as another file; it is part of the content key of the film."""
LATIN, WIDE = 42, 16
"""The longest line that is read at a glance: in letters, and in full-width characters (Chinese, Japanese, Korean)."""
_NEVER_FIRST = "、。，．・！？!?…‥ー〜～」』）】〉》”’,.:;)]}ぁぃぅぇぉっゃゅょァィゥェォッャュョ々"
_NEVER_LAST = "「『（【〈《“‘([{"
_STYLING_CHARACTERS = str.maketrans({"{": "(", "}": ")", "\\": "/"})
_PAUSES = "、。！？!?…，．"
_TIME = re.compile(r"\d+:\d+:\d+(?=[,.]\d)")
_TAG = re.compile(r"<(?=[A-Za-z/!])")


@dataclass(frozen=True)
class Cue:
    """A text to read from `start` to `end` (seconds); the name of the speaker is put before it if it is given.

    What players would take for a line of times or for a tag is replaced by similar characters.
    """

    start: float
    end: float
    text: str
    speaker: str = ""

    def __post_init__(self) -> None:
        """Replace what players would not show as text, so that content keys depend on the text that is shown."""
        object.__setattr__(self, "text", _escape_text(self.text))
        object.__setattr__(self, "speaker", _escape_text(self.speaker))


def write_srt(path: Path, cues: Sequence[Cue]) -> None:
    """Write cues in the order of their times, with at most two lines each; a longer one is split over its time.

    Cues that overlap are shown one after the other.

    Args:
        path: The .srt file to write.
        cues: The cues, in any order.

    Raises:
        StorageError: The file cannot be written.
    """
    import pysubs2

    subtitles = pysubs2.SSAFile()
    for part in _remove_overlaps([part for cue in cues for part in split_cue(cue)]):
        # braces and backslashes would be taken for styling
        text = part.text.translate(_STYLING_CHARACTERS).replace("\n", "\\N")
        subtitles.append(pysubs2.SSAEvent(start=round(part.start * 1000), end=round(part.end * 1000), text=text))
    try:
        path.write_text(subtitles.to_string("srt"), encoding="utf-8")
    except OSError as error:
        message = f"{path.name} cannot be written: {error.strerror}"
        raise StorageError(message, "free space, or choose another folder") from error


def _escape_text(text: str) -> str:
    """Return a text that no player takes for times, tags or the end of the text."""
    text = _TAG.sub("‹", _TIME.sub(lambda time: time[0].replace(":", "∶"), text.replace("-->", "→")))
    kept = (c for c in text if c.isspace() or unicodedata.category(c) != "Cc")
    return "".join("\ufffd" if unicodedata.category(c) == "Cs" else c for c in kept)


def _remove_overlaps(cues: Sequence[Cue]) -> list[Cue]:
    """Sort cues and remove overlaps; each is shown for at least half a second."""
    separate: list[Cue] = []
    for cue in sorted(cues, key=lambda c: (c.start, c.end)):
        start = cue.start
        if separate and separate[-1].end > start:
            before = separate[-1]
            start = max(start, min(before.end, before.start + 0.5 + 0.05 * len(before.text)))
            separate[-1] = replace(before, end=start)
        separate.append(replace(cue, start=start, end=max(cue.end, start + 0.5)))
    return separate


def split_cue(cue: Cue) -> list[Cue]:
    """Split a cue into parts of at most two lines, each with its share of the time."""
    text = cue.text.strip()
    colon = "：" if text and _is_wide(text[0]) else ": "
    lines = wrap_text(f"{cue.speaker}{colon}{text}" if cue.speaker and text else text)
    pages = ["\n".join(lines[i : i + 2]) for i in range(0, len(lines), 2)]
    total, start, parts = sum(map(len, pages)), cue.start, []
    for page in pages:
        end = start + (cue.end - cue.start) * len(page) / total
        parts.append(Cue(start, end, page, cue.speaker))
        start = end
    return parts


def wrap_text(text: str) -> list[str]:
    """Break text into lines of about even length, none wider than can be read at a glance."""
    text = " ".join(text.split())
    wide = sum(_is_wide(c) for c in text) > 0.3 * len(text)
    if not text:
        return []
    return (
        _wrap_characters(text.replace(" ", "") if _has_no_spaces(text) else text)
        if wide
        else _wrap_words(text.split(" "))
    )


def _is_wide(character: str) -> bool:
    return unicodedata.east_asian_width(character) in "WF"


def _has_no_spaces(text: str) -> bool:
    """Return whether the language puts no spaces between words: Japanese and Chinese do not, Korean does."""
    return not any("\uac00" <= c <= "\ud7a3" for c in text)


def _wrap_words(words: Sequence[str]) -> list[str]:
    length = sum(map(len, words)) + len(words) - 1
    limit = min(LATIN, math.ceil(length / math.ceil(length / LATIN)) + 6)
    lines: list[str] = []
    for word in words:
        if lines and len(lines[-1]) + 1 + len(word) <= limit:
            lines[-1] += " " + word
        else:
            lines.append(word)
    return lines


def _wrap_characters(text: str) -> list[str]:
    lines = []
    while len(text) > WIDE:
        even_length = math.ceil(len(text) / math.ceil(len(text) / WIDE))
        position = max(range(max(1, even_length - 4), WIDE + 1), key=lambda k: _break_score(text, k, even_length))
        lines.append(text[:position].strip())
        text = text[position:].strip()
    return [*lines, text] if text else lines


def _break_score(text: str, position: int, even_length: int) -> float:
    """Return how good a line break before the character at `position` is; higher is better."""
    score = -0.3 * abs(position - even_length)
    if text[position - 1] in _PAUSES or text[position] == " ":
        score += 3
    if text[position] in _NEVER_FIRST or text[position - 1] in _NEVER_LAST:
        score -= 10
    return score
