"""Group lines of lettering into blocks that are read together, by geometry alone.

Columns of one balloon stand side by side at the same height, rows below each other, in one size of type. Small kana
beside larger characters are furigana: they repeat how the characters sound and are left out of the text.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from storage.domain import Box
from tools.geometry import union_box
from tools.reading.ocr import TextLine
from tools.reading.writing_system import SPACED, is_hatching, is_kana, language_of

MIN_SCORE = 0.5
"""Below this score the recogniser guesses; the line is mostly hatching mistaken for writing."""

COLUMN_GAP, ROW_GAP = 0.45, 0.75
"""Columns, and rows, of one balloon lie no further apart than this share of their thickness."""
MAX_STEP = 0.7
"""Columns of one balloon start at one height; a step larger than this many characters starts the next balloon."""

FURIGANA_SIZE, MAX_FURIGANA_SIZE, FURIGANA_PITCH = 0.62, 0.8, 0.7
"""Furigana are surely, and at most, so thick, and follow each other so closely, as shares of the type beside them.

Measured on 84 pages: the letters of furigana that look thicker than they are stand 0.6 as close, all others 0.98.
"""
FURIGANA_DISTANCE = 0.7
"""From the middle of a column to that of the furigana beside it, in its type sizes."""
SURE_SCORE = 0.8
"""Signs beside a column that are read with less confidence may be furigana, whatever was read."""


@dataclass(frozen=True)
class Block:
    """Lines that are read together, in reading order."""

    lines: tuple[TextLine, ...]
    vertical: bool
    """Whether the lines are columns."""
    glyph: float
    """Size of the type in page pixels."""

    @property
    def box(self) -> Box:
        """The box around all lines."""
        return union_box(line.box for line in self.lines)

    @property
    def confidence(self) -> float:
        """Mean score of the lines, weighted by their characters, 0..1."""
        weight = sum(len(line.text) for line in self.lines)
        return min(1.0, sum(line.score * len(line.text) for line in self.lines) / max(weight, 1))

    def text(self, language: str) -> str:
        """Return the lettering as one string.

        Lines are joined by spaces if the language has them, and words hyphenated at a line end are joined.
        """
        if language not in SPACED:
            return "".join(line.text.strip() for line in self.lines)
        joined = ""
        for line in self.lines:
            part = " ".join(line.text.split())
            if joined.endswith("-") and len(joined) > 1 and joined[-2].isalpha() and part[:1].islower():
                joined = joined[:-1] + part
            else:
                joined = f"{joined} {part}" if joined else part
        return joined


def is_vertical(line: TextLine) -> bool:
    """Return whether a line is a column of lettering."""
    return len(line.text) > 1 and line.box.height > 1.4 * line.box.width


def thickness(line: TextLine) -> float:
    """Return the size of a line's type in page pixels, measured across the line."""
    return min(line.box.width, line.box.height) if len(line.text) > 1 else (line.box.width + line.box.height) / 2


def group_lines(
    lines: Sequence[TextLine], are_separate: Callable[[TextLine, TextLine], bool] = lambda a, b: False
) -> list[Block]:
    """Group lines into blocks that are read together.

    Args:
        lines: The recognised lines of a page.
        are_separate: Returns whether something drawn, such as a balloon's outline, separates two lines.

    Returns:
        The blocks in no order, without furigana, doubtful lines and hatching.
    """
    reliable = [line for line in lines if line.score >= MIN_SCORE and not is_hatching(line.text)]
    page_is_vertical = _page_is_vertical(reliable)
    kept = [line for line in reliable if not any(_is_furigana(line, other) for other in reliable)]
    parent = list(range(len(kept)))

    def root(i: int) -> int:
        while parent[i] != i:
            parent[i] = parent[parent[i]]
            i = parent[i]
        return i

    for i, a in enumerate(kept):
        for j in range(i + 1, len(kept)):
            if _are_read_together(a, kept[j], page_is_vertical) and not are_separate(a, kept[j]):
                parent[root(j)] = root(i)
    groups: dict[int, list[TextLine]] = {}
    for i, line in enumerate(kept):
        groups.setdefault(root(i), []).append(line)
    return [_make_block(members, page_is_vertical) for members in groups.values()]


def _page_is_vertical(lines: Sequence[TextLine]) -> bool:
    """Return whether most lettering of the page stands in columns; this decides for single characters and marks."""
    columns = sum(len(line.text) for line in lines if is_vertical(line))
    return 2 * columns > sum(len(line.text) for line in lines if len(line.text) > 1)


def _is_furigana(line: TextLine, other: TextLine) -> bool:
    """Return whether `line` is small kana right beside the column, or right above the row, `other`.

    The detector's box around small kana is wide, so that it alone does not tell: letters that follow each other closely
    are small too. Kana that are very small are often read as other signs, with little confidence.
    """
    size, large = thickness(line), thickness(other)
    is_thin = size <= FURIGANA_SIZE * large
    is_close = size <= MAX_FURIGANA_SIZE * large and _pitch(line) <= FURIGANA_PITCH * _pitch(other)
    if len(other.text) < 2 or not (is_thin or is_close):
        return False
    if not is_kana(line.text) and not (is_thin and line.score < SURE_SCORE):
        return False
    a, b = (line.box, other.box) if is_vertical(other) else (_level(line.box), _level(other.box))
    if not (a.y0 > b.y0 - large and a.y1 < b.y1 + large):
        return False
    if is_thin:
        return -0.5 * size <= a.x0 - b.x1 + 0.3 * size <= 0.8 * size
    return 0.3 * large < a.center[0] - b.center[0] < FURIGANA_DISTANCE * large


def _pitch(line: TextLine) -> float:
    """Return the distance from one letter of a line to the next in page pixels."""
    return max(line.box.width, line.box.height) / len(line.text)


def _level(box: Box) -> Box:
    """Return the box turned so that what stands above a row stands to the right of a column."""
    return Box(-box.y1, box.x0, -box.y0, box.x1)


def _is_column(line: TextLine, page_is_vertical: bool) -> bool:
    """Return whether a line is read downwards; `page_is_vertical` decides for lines as wide as high."""
    return (
        is_vertical(line)
        if len(line.text) > 1 and max(line.box.aspect, 1 / line.box.aspect) > 1.4
        else page_is_vertical
    )


def _transpose(box: Box) -> Box:
    """Return the box with its axes exchanged, so that rows can be judged like columns."""
    return Box(box.y0, box.x0, box.y1, box.x1)


def _are_read_together(first: TextLine, second: TextLine, page_is_vertical: bool) -> bool:
    """Return whether two lines are read together: neighbouring columns (rows), or pieces of one column (row)."""
    if _is_column(first, page_is_vertical) != _is_column(second, page_is_vertical):
        return False
    small, large = sorted((thickness(first), thickness(second)))
    if large > 1.9 * small:
        return False
    a, b = (
        (first.box, second.box)
        if _is_column(first, page_is_vertical)
        else (_transpose(first.box), _transpose(second.box))
    )
    beside = max(a.x0, b.x0) - min(a.x1, b.x1)
    along = min(a.y1, b.y1) - max(a.y0, b.y0)
    if beside < -0.55 * small:
        return along > -0.9 * large
    is_column_pair = _is_column(first, page_is_vertical)
    if is_column_pair and abs(a.y0 - b.y0) >= MAX_STEP * large:
        return False
    return beside < (COLUMN_GAP if is_column_pair else ROW_GAP) * large and along > 0.3 * min(a.height, b.height)


def _make_block(members: list[TextLine], page_is_vertical: bool) -> Block:
    """Order lines into a block: columns from the right, each from the top; rows from the top, each from the left."""
    weight = sum(len(line.text) if _is_column(line, page_is_vertical) else -len(line.text) for line in members)
    vertical = weight > 0 or (weight == 0 and page_is_vertical)
    glyph = median(thickness(line) for line in members)
    sorted_lines = sorted(members, key=lambda line: -line.box.center[0] if vertical else line.box.center[1])
    rows: list[list[TextLine]] = []
    for line in sorted_lines:
        position = line.box.center[0] if vertical else line.box.center[1]
        if rows:
            first = rows[-1][0].box.center
            if abs(position - (first[0] if vertical else first[1])) < 0.5 * glyph:
                rows[-1].append(line)
                continue
        rows.append([line])
    ordered = [line for row in rows for line in sorted(row, key=lambda r: r.box.y0 if vertical else r.box.x0)]
    return Block(tuple(ordered), vertical, float(glyph))


def block_language(block: Block, page_language: str) -> str:
    """Return the language of a block; the page's language decides where the block alone leaves a choice."""
    return language_of([line.text for line in block.lines], page_language)
