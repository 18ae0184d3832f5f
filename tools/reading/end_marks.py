"""Restore exclamation marks and dashes that text recognition has lost at the end of a column.

The recogniser reads a column turned level, and two exclamation marks side by side are then no letter that it knows;
a long dash is taken for a line of the drawing. Both are known by their form: a slender stroke over a dot, and a
straight stroke in line with the column that is longer than a letter. No other character changes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np

from storage.domain import Box
from tools.geometry import grow, union_box
from tools.plates import Image, Mask
from tools.reading.lettering import is_vertical
from tools.reading.ocr import TextLine
from tools.reading.writing_system import script_of

INK, PAPER, MIN_PAPER = 128, 200, 0.6
"""Grey values (0..255) of ink and paper, and the share of paper below a column without which nothing is read there."""
REACH_BACK, REACH = 1.7, 5.0
"""Marks are searched so many letters before and behind the end of a column."""
MAX_GAP = 0.9
"""A mark follows what stands before it after no more than so many letters."""
MIN_STROKE, MAX_STROKE, SLENDER = 0.3, 1.0, 1.7
"""Least and largest height of an exclamation mark's stroke in letters, and how many times its width that is."""
MAX_DOT = 0.35
"""Sides of its dot at most, in letters."""
ROOM = 0.25
"""Nothing else stands so near on both sides of exclamation marks, in letters; parts of a letter do."""
MIN_DASH, DASH_WIDTH = 1.5, 0.2
"""Least length of a dash, and its width at most, in letters."""
DUST = 3
"""So few pixels are dust."""
ENDS = "!?！？‼⁉"
"""Marks after which a column is complete."""


@dataclass(frozen=True)
class _Mark:
    """A mark behind a column."""

    box: Box
    text: str


def restore_end_marks(page: Image, line: TextLine) -> TextLine:
    """Return a column with the marks at its end that its recogniser has lost; `page` is (h, w, 3) RGB uint8."""
    text = line.text.strip()
    if not is_vertical(line) and not _is_letter_over_marks(line):
        return line
    letter, end = min(line.box.height / len(text), line.box.width), line.box.y1
    for mark in _find_marks(page, line.box, letter):
        is_within = mark.box.center[1] < line.box.y1
        if mark.box.y0 - end > MAX_GAP * letter or (is_within and (text[-1] in ENDS or text[-1] in mark.text)):
            continue
        text, end = text + mark.text, max(end, mark.box.y1)
    if text == line.text.strip():
        return line
    quad = line.quad.copy()
    quad[2:, 1] += end - line.box.y1
    return replace(line, text=text, quad=quad)


def _is_letter_over_marks(line: TextLine) -> bool:
    """Return whether a line is a single letter in a box so high that something else stands below it."""
    text = line.text.strip()
    return len(text) == 1 and script_of(text) in ("kana", "han") and line.box.height > 1.4 * line.box.width


def _find_marks(page: Image, column: Box, letter: float) -> Iterator[_Mark]:
    """Yield the marks at the end of a column and below it, from the top, up to the first thing that is none."""
    x0, x1 = max(0, int(column.x0 - 0.1 * letter)), min(page.shape[1], round(column.x1 + 0.1 * letter) + 1)
    y0, y1 = max(0, int(column.y1 - REACH_BACK * letter)), min(page.shape[0], round(column.y1 + REACH * letter))
    grey = cv2.cvtColor(np.ascontiguousarray(page[y0:y1, x0:x1]), cv2.COLOR_RGB2GRAY)
    ink = (grey < INK).astype(np.uint8)
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    near = grey[: round((REACH_BACK + 1) * letter)]
    if (near > PAPER).mean() < MIN_PAPER:
        return
    boxes = sorted(
        (
            Box(float(x0 + x), float(y0 + y), float(x0 + x + w), float(y0 + y + h))
            for x, y, w, h, _ in stats[1:]
            if w * h > DUST
        ),
        key=lambda box: box.y0,
    )
    taken = -1.0
    for box in boxes:
        if box.y0 < taken:
            continue
        dash = box.height >= MIN_DASH * letter and box.width <= DASH_WIDTH * letter
        if dash and abs(box.center[0] - column.center[0]) < 0.3 * letter:
            if box.y0 > column.y1 - 0.5 * letter and box.y1 < y1:
                yield _Mark(box, "―" * max(1, round(box.height / letter)))
            continue
        parts = _exclamation_marks(box, boxes, letter)
        if len(parts) > 2 and _stand_alone(parts, ink, (x0, y0), ROOM * letter):  # a single mark is always read
            taken = max(part.y1 for part in parts)
            yield _Mark(Box(box.x0, box.y0, box.x1, taken), "！" * (len(parts) // 2))


def _exclamation_marks(first: Box, boxes: Sequence[Box], letter: float) -> list[Box]:
    """Return the strokes and dots of the marks beside each other whose first stroke is a box, [] if it is none."""
    strokes = [box for box in boxes if box.y1 > first.y0 and box.y0 < first.y1]
    dots = [_find_dot(stroke, boxes, letter) for stroke in strokes]
    parts = [box for stroke, dot in zip(strokes, dots, strict=True) if dot for box in (stroke, dot)]
    return parts if first in parts else []


def _stand_alone(parts: Sequence[Box], ink: Mask, origin: tuple[int, int], room: float) -> bool:
    """Return whether there is no ink around the parts of marks but their own; `ink` begins at `origin` on the page."""

    def count(box: Box) -> int:
        x0, x1 = (max(0, round(x - origin[0])) for x in (box.x0, box.x1))
        y0, y1 = (max(0, round(y - origin[1])) for y in (box.y0, box.y1))
        return int(ink[y0:y1, x0:x1].sum())

    return count(grow(union_box(parts), room, 0.0)) <= sum(count(part) for part in parts) + DUST


def _find_dot(stroke: Box, boxes: Sequence[Box], letter: float) -> Box | None:
    """Return the dot right below a box that is the stroke of an exclamation mark, None if it is none."""
    if not MIN_STROKE * letter <= stroke.height <= MAX_STROKE * letter or stroke.height < SLENDER * stroke.width:
        return None
    for dot in boxes:
        below = 0 < dot.y0 - stroke.y1 < 0.3 * letter
        round_dot = max(dot.width, dot.height) <= min(MAX_DOT * letter, 2 * min(dot.width, dot.height))
        narrow = stroke.width <= 2 * max(dot.width, dot.height)
        shift = abs(dot.center[0] - stroke.center[0])
        if below and round_dot and narrow and shift < 0.6 * max(dot.width, stroke.width):
            return dot
    return None
