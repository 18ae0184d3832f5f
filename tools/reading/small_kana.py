"""Tell small kana at the end of a column, as in はぁ and てめぇ, from large ones by their size and place.

The recogniser reads a letter at its own size and takes many small vowels for large ones. In a column a small kana is
two thirds as wide as the others and stands at their right. Only forms that fill their square when they are large are
judged: a large う is as narrow as a small one.
"""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.plates import Image
from tools.reading.lettering import is_vertical
from tools.reading.ocr import TextLine

SMALL = {"あ": "ぁ", "え": "ぇ", "お": "ぉ", "ア": "ァ", "エ": "ェ", "オ": "ォ"}
"""The small form of each letter that is judged."""
INK = 128
"""Grey values (0..255) below this are ink."""
MAX_WIDTH = 0.385
"""A small kana is at most so wide, as a share of its column's box; large ones start at 0.40 (160 columns measured)."""
MIN_SHIFT = 0.2
"""Its ink begins so much further right than that of those above it, as a share of their width; in the middle: 0.17."""
MARKS = "…・.!?！？。、ー―~～〜"
"""Marks that may follow it."""


def restore_small_kana(page: Image, line: TextLine) -> TextLine:
    """Return a column whose last letter is the small form where it is drawn so; `page` is (h, w, 3) RGB uint8."""
    text = line.text.rstrip(MARKS + " ")
    if len(text) < 2 or text[-1] not in SMALL or not is_vertical(line):
        return line
    before, last = _letter_ink(page, line, len(text) - 1)
    if before is None or last is None:
        return line
    is_small = last[1] - last[0] <= MAX_WIDTH * line.box.width
    is_right = last[0] - before[0] >= MIN_SHIFT * (before[1] - before[0])
    if not (is_small and is_right):
        return line
    return replace(line, text=line.text[: len(text) - 1] + SMALL[text[-1]] + line.text[len(text) :])


def _letter_ink(page: Image, line: TextLine, number: int) -> tuple[tuple[int, int] | None, tuple[int, int] | None]:
    """Return the first and last column of ink of the letters before a letter of a column, and those of that letter."""
    x0, y0, x1, y1 = (max(0, round(value)) for value in line.box)
    ink = cv2.cvtColor(np.ascontiguousarray(page[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY) < INK
    rows = np.flatnonzero(ink.any(axis=1))
    if not len(rows) or ink.mean() > 0.5:
        return None, None
    top, height = rows[0], (rows[-1] + 1 - rows[0]) / len(line.text.strip())
    slack = 0.15 * height
    start, end = top + number * height, top + (number + 1) * height
    runs = np.split(rows, np.flatnonzero(np.diff(rows) > 1) + 1)
    own = [run for run in runs if run[-1] + 1 > start + slack and run[0] < end - slack]
    if not own or own[0][0] <= top:
        return None, None
    return _extent(ink[top : own[0][0]]), _extent(ink[own[0][0] : own[-1][-1] + 1])


def _extent(ink: NDArray[np.bool_]) -> tuple[int, int] | None:
    """Return the first column with ink, and the one behind the last."""
    columns = np.flatnonzero(ink.any(axis=0))
    return (int(columns[0]), int(columns[-1]) + 1) if len(columns) else None
