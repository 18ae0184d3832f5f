"""Compute content keys: hashes of everything that shapes a result.

A key does not depend on time, file paths or chance.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable

from pydantic import BaseModel

_EXACT = 2**53
"""Whole floats below this are exactly their integer."""


def content_key(tool: str, backend: str, version: int, **parts: object) -> str:
    """The sha256 (64 hex digits) of what a tool is asked to make; equal questions share one key.

    `parts` may hold None, bool, int, float, str, shapes, and dicts (with str keys), lists, tuples and sets of these.
    A tuple is its list and 2.0 is 2; a set has no order. Anything else raises TypeError, because its text might
    change from one run to the next.
    """
    asked = {"tool": tool, "backend": backend, "version": version, "parts": parts}
    return hashlib.sha256(_text(_plain(asked)).encode()).hexdigest()


def code_versions(**versions: int) -> dict[str, dict[str, int]]:
    """Return the part of a content key that names the versions of the code that makes a result.

    A backend's own version has its place in the key. This is for everything else that shapes the result: the stage's
    `make` function and modules that it shares with other stages. Versions count from 1, and a 1 is left out: keys
    were made without this part once, and what stands under them was made by version 1 of all code.

    Args:
        versions: The version of each stage or module, by name.

    Returns:
        A part for `content_key`: {"code": {name: version}} with the versions above 1; {} where there are none.
    """
    raised = {name: version for name, version in versions.items() if version > 1}
    return {"code": raised} if raised else {}


def _text(plain: object) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float):
        return _number(value)
    if isinstance(value, BaseModel):
        return _plain(value.model_dump())
    if isinstance(value, dict):
        return {_name(key): _plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return _sorted(value)
    raise TypeError(f"a content key cannot hold a {type(value).__name__}: {value!r}")


def _number(value: float) -> float | int:
    if not math.isfinite(value):
        raise TypeError(f"a content key cannot hold {value!r}")
    # float() also undoes subclasses (numpy's), whose repr is not a number
    return int(value) if value.is_integer() and abs(value) < _EXACT else float(value)


def _name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a content key needs names that are str, got {key!r}")
    return key


def _sorted(values: Iterable[object]) -> list[object]:
    return sorted((_plain(value) for value in values), key=_text)
