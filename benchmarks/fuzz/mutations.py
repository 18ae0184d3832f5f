"""Mutate bytes, texts and JSON-like data by a random generator, so that a seed gives the same mutant again."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from random import Random
from typing import Any

ODD_TEXTS = (
    "", " ", "\t", "\n", "\x00", "\x1b[31m", "\ufeff", "\u202e", "\ud800", "é" * 300, "漢字かな交じり文", "한국어",
    "a" * 5000, "../../etc/passwd", "/", "..", ".", "~", "C:\\x", "%s %d {0} {x}", "$HOME ${x} $$", "' OR 1=1 --",
    "<b>&amp;</b>", "0", "-1", "1e999", "NaN", "99999999999999999999", "²", "１２", "None", "true", "p0-0", "t0-0",
    "s001", "😀",
)  # fmt: skip
ODD_NUMBERS: tuple[Any, ...] = (
    0, -1, 1, 2, 7, 1e-300, -0.0, 0.5, 1e9, -1e9, 2**31, 2**63, -(2**63), 10**30, 1e300, math.inf, -math.inf, math.nan,
)  # fmt: skip
ODD_VALUES: tuple[Any, ...] = (*ODD_NUMBERS, None, True, False, [], {}, [[]], [None], {"": ""}, *ODD_TEXTS[:12])


def mutate_bytes(luck: Random, data: bytes) -> bytes:
    """Return a mutant of `data`, by one to four random changes."""
    mutant = bytearray(data)
    for _ in range(luck.randint(1, 4)):
        luck.choice(_BYTE_CHANGES)(luck, mutant)
    return bytes(mutant)


def mutate_text(luck: Random, text: str) -> str:
    """Return a mutant of `text`: parts of it are removed, repeated, moved or replaced by odd texts."""
    for _ in range(luck.randint(1, 4)):
        a, b = sorted((luck.randint(0, len(text)), luck.randint(0, len(text))))
        b = min(b, a + luck.choice((0, 1, 2, 8, 40, len(text))))
        part = luck.choice(("", text[a:b] * luck.randint(2, 5), text[a:b][::-1], luck.choice(ODD_TEXTS), _number(luck)))
        text = text[:a] + part + text[b:]
    return text[:20_000]


def mutate_data(luck: Random, data: Any) -> Any:
    """Return a mutant of JSON-like data: one to three nodes changed, most of them to values of the same type."""
    for _ in range(luck.choice((1, 1, 1, 2, 3))):
        way = luck.choice(list(_ways(data)))
        data = _changed_at(luck, data, way)
    return data


def _ways(node: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each node, as keys and indices from the root."""
    yield way
    if isinstance(node, dict | list):
        for key, inner in node.items() if isinstance(node, dict) else enumerate(node):
            yield from _ways(inner, (*way, key))


def _changed_at(luck: Random, node: Any, way: tuple[Any, ...]) -> Any:
    """Return `node` with the node at the end of the way changed."""
    if way:
        copy = dict(node) if isinstance(node, dict) else list(node)
        copy[way[0]] = _changed_at(luck, node[way[0]], way[1:])
        return copy
    if luck.random() < 0.1:
        return luck.choice(ODD_VALUES)
    if isinstance(node, dict):
        return _mutate_keys(luck, node)
    return _mutate_items(luck, node) if isinstance(node, list) else _mutate_leaf(luck, node)


def _mutate_keys(luck: Random, node: dict[Any, Any]) -> dict[Any, Any]:
    """Return an object with a value removed or doubled, or with a key that it should not have."""
    keys = sorted(node, key=str) or ["x"]
    key, other = luck.choice(keys), luck.choice(keys)
    rest = {name: value for name, value in node.items() if name != key}
    return luck.choice((rest, {**rest, key: node.get(other)}, {**node, luck.choice(ODD_TEXTS): 1}))


def _mutate_items(luck: Random, node: list[Any]) -> list[Any]:
    """Return an array with items removed, repeated or in another order."""
    at = luck.randint(0, len(node))
    some = node[at : at + 1]
    mixed = luck.sample(node, len(node))
    return luck.choice((node[:at] + node[at + 1 :], node + some, mixed, mixed, some * luck.randint(2, 40), []))


def _mutate_leaf(luck: Random, leaf: Any) -> Any:
    """Return another value in the place of `leaf`, of its own type."""
    if isinstance(leaf, bool) or leaf is None:
        return luck.choice((True, False, None))
    if isinstance(leaf, int | float):
        scaled = leaf * luck.choice((0, -1, 0.5, 1.001, 2, 1000))
        near = leaf + luck.choice((-1, 1, 0.25, 1e-9, -40, 40))
        return luck.choice((near, near, scaled, luck.randint(0, 300), luck.choice(ODD_NUMBERS)))
    return mutate_text(luck, leaf) if luck.random() < 0.4 else luck.choice(ODD_TEXTS)


def _number(luck: Random) -> str:
    return luck.choice((str(luck.randint(-3, 12)), str(luck.choice(ODD_NUMBERS)), f"{luck.uniform(-2, 9):.3f}"))


def _flip(luck: Random, data: bytearray) -> None:
    for _ in range(luck.choice((1, 3, 20))):
        if data:
            data[luck.randrange(len(data))] ^= 1 << luck.randrange(8)


def _overwrite(luck: Random, data: bytearray) -> None:
    a, length = luck.randint(0, len(data)), luck.choice((1, 4, 16, 200))
    end = min(len(data), a + length)
    data[a:end] = luck.choice((bytes(end - a), b"\xff" * (end - a), luck.randbytes(end - a)))


def _remove(luck: Random, data: bytearray) -> None:
    a = luck.randint(0, len(data))
    del data[a : a + luck.choice((1, 2, 10, 100, 1000))]


def _insert(luck: Random, data: bytearray) -> None:
    a, b = sorted((luck.randint(0, len(data)), luck.randint(0, len(data))))
    part = luck.choice((bytes(data[a : min(b, a + 500)]), luck.randbytes(luck.choice((1, 8, 300)))))
    data[a:a] = part


def _truncate(luck: Random, data: bytearray) -> None:
    del data[luck.randint(0, len(data)) :]


def _write_number(luck: Random, data: bytearray) -> None:
    """Write an extreme 32-bit number, as sizes and offsets in headers are."""
    if len(data) >= 4:
        a = luck.randrange(min(len(data) - 3, luck.choice((40, len(data)))))
        number = luck.choice((0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF, 0xFFFF, 60_000, 100_000))
        data[a : a + 4] = number.to_bytes(4, luck.choice(("little", "big")))


_BYTE_CHANGES: tuple[Callable[[Random, bytearray], None], ...] = (
    _flip, _flip, _overwrite, _remove, _insert, _truncate, _write_number, _write_number,
)  # fmt: skip
