"""Break text into lines that fill a width evenly, and draw them as a mask."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from PIL import Image as Picture

from tools.cards.typefaces import Style, Typeface, find_typeface, plain_text
from tools.plates import Mask

SMALLEST = 7
"""Pixels of the smallest letters."""
_WIDE = "\u1100-\u11ff\u2e80-\ua4cf\uac00-\ud7af\uf900-\ufaff\ufe30-\ufe4f\uff00-\uffef"
_NOT_FIRST = "、。，．・：；？！ー々ぁぃぅぇぉっゃゅょァィゥェォッャュョ」』）〕】〉》…!?),.:;"
"""Characters that begin no line (the first rule of Japanese line breaking, JIS X 4051)."""
_NOT_LAST = "「『（〔【〈《("
_UNITS = re.compile(rf"[{_NOT_LAST}]*(?:[ァ-ヺー]{{2,9}}|[{_WIDE}]|[^\s{_WIDE}{_NOT_LAST}]+)[{_NOT_FIRST}]*\s*|\S\s*")
"""What stays on one line: a word with its blanks, a word in katakana, or one wide character with its marks."""


@dataclass(frozen=True)
class TextStyle:
    """How a text is set; sizes in pixels."""

    size: int
    style: Style = "serif"
    tone: int = 255
    """Its opacity, 0..255."""
    tracking: float = 0.0
    """Space between letters, as a share of the size."""


@dataclass(frozen=True)
class SetLine:
    """One line of text with its typeface."""

    text: str
    face: Typeface
    look: TextStyle

    @property
    def width(self) -> float:
        """Its width in pixels."""
        return text_width(self.text, self.face, self.look)

    @property
    def height(self) -> int:
        """The distance to the next line of the same text in pixels."""
        return round(self.look.size * 1.32)

    def draw(self, canvas: Picture.Image, x: float, y: float) -> None:
        """Draw it on a mask with its left edge at `x` and the middle of its height at `y`."""
        baseline = round(y + 0.36 * self.look.size)
        if not self.look.tracking:
            self.face.draw(canvas, self.text, x, baseline, self.look.size, self.look.tone)
            return
        for character in self.text:
            self.face.draw(canvas, character, x, baseline, self.look.size, self.look.tone)
            x += self.face.width(character, self.look.size) + self.look.tracking * self.look.size


def text_width(text: str, face: Typeface, look: TextStyle) -> float:
    """Return the width of a line of text in pixels."""
    return face.width(text, look.size) + max(0, len(text) - 1) * look.tracking * look.size


def set_text(text: str, look: TextStyle, width: float, *, most_lines: int = 2) -> list[SetLine]:
    """Set a text in as few lines as its size allows, smaller where it does not fit, and cut off where nothing helps.

    Args:
        text: The text.
        look: How it is set; the size is the largest that is tried.
        width: The room in pixels.
        most_lines: The most lines.

    Returns:
        The lines, as even as they can be; none for an empty text or one that no typeface can draw.
    """
    text = plain_text(text)
    face = find_typeface(text, look.style)
    if not text or face is None:
        return []
    smallest, units = max(SMALLEST, round(look.size * 0.4)), _UNITS.findall(text)
    for size in range(max(look.size, smallest), smallest - 1, -1):
        sized = replace(look, size=size)
        lines = _fill_lines(units, face, sized, width)
        is_fitting = len(lines) <= most_lines and all(text_width(line, face, sized) <= width for line in lines)
        if is_fitting or size == smallest:
            break
    lines = break_lines(text, face, sized, width)
    if not is_fitting:
        lines = _cut(lines, face, sized, width, most_lines)
    return [SetLine(line, face, sized) for line in lines]


def break_lines(text: str, face: Typeface, look: TextStyle, width: float) -> list[str]:
    """Break a text into the fewest lines of at most `width` pixels, and then as evenly as those lines allow."""
    fewest = _fill_lines(_UNITS.findall(text), face, look, width)
    if len(fewest) == 1:
        return fewest
    units = _UNITS.findall(text)
    words = re.findall(r"\S+\s*", text)  # a Japanese title is divided at its blanks, where that takes no more lines
    whole = _fill_lines(words, face, look, width)
    if len(whole) == len(fewest) and all(text_width(line, face, look) <= width for line in whole):
        units = words
    low, high = width / len(fewest), width
    for _ in range(12):
        middle = (low + high) / 2
        if len(_fill_lines(units, face, look, middle)) > len(fewest):
            low = middle
        else:
            high = middle
    return _fill_lines(units, face, look, high)


def _fill_lines(units: Sequence[str], face: Typeface, look: TextStyle, width: float) -> list[str]:
    lines: list[str] = [""]
    for unit in units:
        if lines[-1] and text_width((lines[-1] + unit).rstrip(), face, look) > width:
            lines.append("")
        lines[-1] += unit
    return [line.strip() for line in lines]


def _cut(lines: Sequence[str], face: Typeface, look: TextStyle, width: float, most_lines: int) -> list[str]:
    """Return the first lines, each cut to the width; where something is missing, its line ends in dots."""
    dots = "..."
    kept = [*lines[:most_lines]]
    for at, line in enumerate(kept):
        is_short = at == most_lines - 1 and len(lines) > most_lines
        if not is_short and text_width(line, face, look) <= width:
            continue
        short = line
        while short and text_width(short + dots, face, look) > width:
            short = short[:-1].rstrip()
        kept[at] = short + dots
    return kept


def blank_mask(width: int, height: int) -> Picture.Image:
    """Return an empty mask to draw on."""
    return Picture.new("L", (width, height), 0)


def to_mask(picture: Picture.Image) -> Mask:
    """Return a mask as an array, (h, w) uint8."""
    return np.asarray(picture, np.uint8)
