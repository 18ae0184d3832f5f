"""Find the line of a value in a JSON text."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence

_DECODER = json.JSONDecoder()


def line_of(text: str, keys: Sequence[str | int]) -> int:
    """Return the line (from 1) of a value in a JSON text, or of the innermost value around it if it is missing.

    Args:
        text: Valid JSON.
        keys: The keys of objects and indices (from 0) of lists that lead to the value.
    """
    at = _skip_space(text, 0)
    for step in keys:
        found = next((place for name, place in _items(text, at) if name == step), None)
        if found is None:
            break
        at = found
    return text.count("\n", 0, at) + 1


def _items(text: str, at: int) -> Iterator[tuple[str | int, int]]:
    """Yield the items of the object or list at `at`: the key or index, and the offset of the value."""
    closing = {"{": "}", "[": "]"}.get(text[at])
    if closing is None:
        return
    named, count = closing == "}", 0
    at = _skip_space(text, at + 1)
    while text[at] != closing:
        name: str | int = count
        if named:
            name, at = _DECODER.raw_decode(text, at)
            at = _skip_space(text, _skip_space(text, at) + 1)
        yield name, at
        count += 1
        at = _skip_space(text, _DECODER.raw_decode(text, at)[1])
        at = _skip_space(text, at + 1) if text[at] == "," else at


def _skip_space(text: str, at: int) -> int:
    while at < len(text) and text[at] in " \t\n\r":
        at += 1
    return at
