"""Tell pages whose panels stand in columns, such as 4-koma, from pages in rows, by their gutters.

Where panels form a grid, both orders are possible, and readers follow the narrow gutters: panels that belong together
stand closer to each other. In 4-koma the gutters between columns are the wide ones.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from statistics import median

from storage.domain import Box

MIN_COLUMN = 3
"""A column holds at least so many panels below each other; two are a tall pair in a row."""
MIN_GUTTER_RATIO = 1.4
"""Gutters between columns are wider than those within by this factor."""
WIDE_SHARE = 0.6
"""A panel wider than this share of the page is a title over the columns, or a strip below them."""
MAX_OVERLAP = 0.02
"""Columns may overlap by this share of their width."""
MAX_UNEVENNESS = 0.15
"""Columns of one page differ in width by no more than this share."""


def sort_columns(indices: Sequence[int], boxes: Sequence[Box], *, asked: bool) -> list[int]:
    """Sort panels down one column, then down the next.

    Args:
        indices: The panels to sort.
        boxes: The boxes of all panels, mirrored where a page is read from the right.
        asked: Whether the user says that the book is read in columns; otherwise the gutters must say so.

    Returns:
        The panels in reading order, titles over the columns first; [] if they do not stand in columns.
    """
    if len(indices) < 2:
        return []
    width = max(boxes[i].x1 for i in indices) - min(boxes[i].x0 for i in indices)
    wide = [i for i in indices if boxes[i].width > WIDE_SHARE * width]
    columns = _find_columns([i for i in indices if i not in wide], boxes)
    if len(columns) < 2:
        return []
    top = min(boxes[i].y0 for column in columns for i in column)
    bottom = max(boxes[i].y1 for column in columns for i in column)
    above = [i for i in wide if boxes[i].center[1] < top]
    below = [i for i in wide if boxes[i].center[1] > bottom]
    if len(above) + len(below) != len(wide) or not (asked or _gutters_part_columns(columns, boxes)):
        return []
    rows = [sorted(part, key=lambda i: boxes[i].y0) for part in (above, *columns, below)]
    return [i for row in rows for i in row]


def _find_columns(indices: Sequence[int], boxes: Sequence[Box]) -> list[list[int]]:
    """Return the panels in columns from the left that overlap no other column."""
    columns: list[list[int]] = []
    for i in sorted(indices, key=lambda i: boxes[i].x0):
        if columns and boxes[i].x0 < max(boxes[j].x1 for j in columns[-1]) - MAX_OVERLAP * boxes[i].width:
            columns[-1].append(i)
        else:
            columns.append([i])
    return [sorted(column, key=lambda i: boxes[i].y0) for column in columns]


def _gutters_part_columns(columns: list[list[int]], boxes: Sequence[Box]) -> bool:
    """Return whether columns of several panels each stand further apart than the panels in them."""
    if min(len(column) for column in columns) < MIN_COLUMN:
        return False
    sides = [(min(boxes[i].x0 for i in column), max(boxes[i].x1 for i in column)) for column in columns]
    widths = [right - left for left, right in sides]
    within = [boxes[below].y0 - boxes[above].y1 for column in columns for above, below in pairwise(column)]
    between = [after[0] - before[1] for before, after in pairwise(sides)]
    if min(within) < -MAX_OVERLAP * min(widths) or max(widths) > (1 + MAX_UNEVENNESS) * min(widths):
        return False
    return min(between) > MIN_GUTTER_RATIO * max(median(within), 1.0)
