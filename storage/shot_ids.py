"""Sort shots by the numbers in their ids: s999 before s1000, and s007b between s007 and s008."""

from __future__ import annotations

import re
import sys
from collections.abc import Iterable, Sequence

_NUMBERED = re.compile(r"s([0-9]{1,12})([a-z]*)")


def sort_key(shot_id: str) -> tuple[int, str]:
    """Return a key that sorts shot ids by number, then by letter; ids without a number come last, as text."""
    match = _NUMBERED.fullmatch(shot_id)
    return (int(match[1]), match[2]) if match else (sys.maxsize, shot_id)


def next_id(taken: Iterable[str]) -> str:
    """Return the id with the number after the highest one that is taken."""
    numbers = (sort_key(name)[0] for name in taken)
    return f"s{max((number for number in numbers if number < sys.maxsize), default=0) + 1:03d}"


def sortable(shot_ids: Sequence[str]) -> dict[str, str]:
    """Return a name for each shot id that sorts as text in the order of the numbers.

    All numbers in the names have the same number of digits.
    """
    matches = {shot_id: _NUMBERED.fullmatch(shot_id) for shot_id in shot_ids}
    digits = max((len(match[1]) for match in matches.values() if match), default=0)
    return {shot_id: f"s{match[1]:0>{digits}}{match[2]}" if match else shot_id for shot_id, match in matches.items()}
