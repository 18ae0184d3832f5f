"""Find the line of a value in a JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

_DECODER = json.JSONDecoder()


def line_of(text: str, way: Sequence[str | int]) -> int:
    """The line, from 1, of the value that keys and places lead to; of what would hold it, where it is missing.

    `text` is sound JSON. Other steps than keys of objects and places (from 0) in lists lead nowhere.
    """
    at = _skip(text, 0)
    for step in way:
        found = next((place for name, place in _inside(text, at) if name == step), None)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _inside(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Yield what the object or list at `at` holds: the key or place, and where the value begins."""
    closing = {"{": "}", "[": "]"}.get(text[at])
    if closing is None:
        return
    named, count = closing == "}", 0
    at = _skip(text, at + 1)
    while text[at] != closing:
        name: str | int = count
        if named:
            name, at = _DECODER.raw_decode(text, at)
            at = _skip(text, _skip(text, at) + 1)
        yield name, at
        count += 1
        at = _skip(text, _DECODER.raw_decode(text, at)[1])
        at = _skip(text, at + 1) if text[at] == "," else at


def _skip(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at
