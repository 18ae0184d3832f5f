"""Find the file and line of a value in a script."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

KeyPath = tuple[str | int, ...]
"""The keys and list indices that lead to a value."""
_KEY = re.compile(r"\s*([\w-]+|\"[^\"]*\")\s*=")
_TABLE = re.compile(r"\s*\[\[?\s*([\w.\"-]+)\s*\]\]?")


@dataclass(frozen=True)
class TomlPosition:
    """The position of a value: its file, the text of the file, and the keys that lead to it."""

    file: Path
    text: str
    keys: KeyPath


def position_of(places: Mapping[Any, TomlPosition], keys: KeyPath) -> str:
    """Return the file and line of a value as a prefix "FILE:LINE: "; "" for a value that is in no file.

    `places` has the positions of top-level keys, and of values in tables and lists that come from several files.
    """
    place = places.get(keys[:2]) or places.get(keys[0] if keys else "")
    if place is None:
        return ""
    rest = keys[len(place.keys) :]
    return f"{place.file}:{line_of(place.text, (*place.keys, *rest))}: "


def line_of(text: str, keys: Sequence[str | int]) -> int:
    """Return the line (from 1) of a value in a TOML text, or 1 if it is not found.

    Args:
        text: Valid TOML.
        keys: The keys and list indices (from 0) that lead to the value; an array of tables is a list.
    """
    table: list[str | int] = []
    counts: dict[str, int] = {}
    lines = text.splitlines()
    best = 1
    for number, line in enumerate(lines, start=1):
        if head := _TABLE.fullmatch(line.partition("#")[0].rstrip()):
            name = head[1].strip('"')
            table = [*name.split(".")]
            if line.lstrip().startswith("[["):
                counts[name] = counts.get(name, -1) + 1
                table.append(counts[name])
            if table == list(keys[: len(table)]):
                best = number
        elif found := _KEY.match(line):
            here = [*table, found[1].strip('"')]
            if here == list(keys[: len(here)]):
                rest = keys[len(here) :]
                return _element_line(lines, number, rest[0]) if rest and isinstance(rest[0], int) else number
    return best


def _element_line(lines: Sequence[str], start: int, place: int) -> int:
    """Return the line of the string at index `place` of a list of strings that begins on line `start`."""
    seen = -1
    for number, line in enumerate(lines[start - 1 :], start=start):
        rest = line.partition("=")[2] if number == start else line
        seen += len(re.findall(r'"(?:\\.|[^"\\])*"|\'[^\']*\'|^[^"\']*[\w-]+(?=\s*[,\]])', rest.partition(" #")[0]))
        if seen >= place:
            return number
    return start
