"""Compute content keys: hashes of everything that shapes a result.

A key does not depend on time, file paths or chance.
"""

from __future__ import annotations

import hashlib
import json
import math
from collections.abc import Iterable
from fractions import Fraction

from pydantic import BaseModel

_MAX_EXACT_INTEGER = 2**53
"""Whole floats below this equal exactly one integer."""


def content_key(tool: str, backend: str, version: int, **parts: object) -> str:
    """Return the key of a result, computed from everything that shapes it.

    Equal arguments give the same key on every run and machine.

    Args:
        tool: The capability or stage that makes the result.
        backend: The backend that makes it; "" if there is none.
        version: The version of the backend.
        **parts: All other inputs: None, bool, int, float, Fraction, str, domain values, and dicts (with str keys),
            lists, tuples and sets of these. A tuple equals a list with the same items, 2.0 equals 2, and the order of
            a set does not matter.

    Returns:
        A SHA-256 as 64 hexadecimal digits.

    Raises:
        TypeError: A part has another type, whose text could change from run to run, or is NaN or infinite.
    """
    question = {"tool": tool, "backend": backend, "version": version, "parts": parts}
    return hashlib.sha256(_to_json(_to_plain(question)).encode()).hexdigest()


def code_versions(**versions: int) -> dict[str, dict[str, int]]:
    """Return the part of a content key that names the versions of the code that makes a result.

    The version of a backend is a part of the key already. This function is for all other code that shapes the result:
    the `make` function of a stage, and modules that it shares with other stages. Versions count from 1, and version 1
    is left out: older keys were made without this part, and their results were made by version 1 of all code.

    Args:
        **versions: The version of each stage or module, by name.

    Returns:
        A part for `content_key`: {"code": {name: version}} with the versions above 1; {} if there are none.
    """
    newer = {name: version for name, version in versions.items() if version > 1}
    return {"code": newer} if newer else {}


def _to_json(plain: object) -> str:
    return json.dumps(plain, sort_keys=True, separators=(",", ":"), allow_nan=False)


def _to_plain(value: object) -> object:
    if value is None or isinstance(value, bool | int | str):
        return value
    if isinstance(value, float | Fraction):
        return _plain_number(value)
    if isinstance(value, BaseModel):
        return _to_plain(value.model_dump())
    if isinstance(value, dict):
        return {_checked_name(key): _to_plain(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_to_plain(inner) for inner in value]
    if isinstance(value, set | frozenset):
        return _sorted_items(value)
    raise TypeError(f"a content key cannot hold a {type(value).__name__}: {value!r}")


def _plain_number(value: float | Fraction) -> float | int | str:
    if isinstance(value, Fraction):
        return str(value) if value.denominator > 1 else int(value)
    if not math.isfinite(value):
        raise TypeError(f"a content key cannot hold {value!r}")
    # float() also undoes subclasses (numpy's), whose repr is not a number
    return int(value) if value.is_integer() and abs(value) < _MAX_EXACT_INTEGER else float(value)


def _checked_name(key: object) -> str:
    if not isinstance(key, str):
        raise TypeError(f"a content key needs names that are str, got {key!r}")
    return key


def _sorted_items(values: Iterable[object]) -> list[object]:
    return sorted((_to_plain(value) for value in values), key=_to_json)
