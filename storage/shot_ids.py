"""The order of shots by their numbers: s999 comes before s1000, and s007b between s007 and s008."""

from __future__ import annotations

import re
import sys

_NUMBERED = re.compile(r"s([0-9]{1,12})([a-z]*)")


def sort_key(shot_id: str) -> tuple[int, str]:
    """Return a key that sorts shot ids by number, then by letter; ids that hold no number come last, as text."""
    found = _NUMBERED.fullmatch(shot_id)
    return (int(found[1]), found[2]) if found else (sys.maxsize, shot_id)
