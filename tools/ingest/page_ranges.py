"""Parse ranges of pages such as "3-12" or "1,4-6", and write page numbers as such a range."""

from __future__ import annotations

import re
from collections.abc import Iterable

from storage.errors import SettingsError
from tools.ingest.archives import printable_name


def parse_page_ranges(spec: str, count: int) -> set[int]:
    """Return the indices of the pages that a range such as "3-12", "1,4-6" or "5-" selects.

    Args:
        spec: The range, counted from 1.
        count: The number of pages of the book.

    Raises:
        SettingsError: The range is malformed, or names pages that are not in the book.
    """
    chosen: set[int] = set()
    for part in spec.split(","):
        first, last = _parse_range(part, spec, count)
        chosen.update(range(first - 1, last))
    return chosen


def format_page_ranges(indices: Iterable[int]) -> str:
    """Return the range that selects the pages of these indices, such as "1,4-6"; "" for none."""
    parts: list[tuple[int, int]] = []
    for number in sorted(index + 1 for index in indices):
        if parts and parts[-1][1] == number - 1:
            parts[-1] = parts[-1][0], number
        else:
            parts.append((number, number))
    return ",".join(str(first) if first == last else f"{first}-{last}" for first, last in parts)


def _parse_range(part: str, spec: str, count: int) -> tuple[int, int]:
    """Return first and last page of one part of a range, counted from 1."""
    hint = f'the book has {count} pages, counted from 1; a range looks like "3-12", "1,4-6" or "5-"'
    match = re.fullmatch(r"\s*([0-9]{1,9})\s*(?:(-)\s*([0-9]{1,9})?)?\s*", part)
    if match is None:
        raise SettingsError(f'"{printable_name(spec, 40)}" is no range of pages', hint)
    first = int(match[1])
    last = int(match[3]) if match[3] else count if match[2] else first
    if not 1 <= first <= count or not first <= last <= count:
        raise SettingsError(f'pages "{printable_name(part.strip(), 40)}" are not in the book', hint)
    return first, last
