"""The row type that every benchmark returns, and helpers that measure wall time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Row:
    """One measured figure; `bound` is what it has to keep, in words, and `holds` says whether it does."""

    what: str
    figure: str
    bound: str = ""
    holds: bool = True


def seconds_of(work: Callable[[], object]) -> float:
    """Wall seconds of one call."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def interleaved(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Median wall seconds of each way, run in turns so that a noisy neighbour disturbs all alike."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            taken[name].append(seconds_of(work))
    return {name: statistics.median(values) for name, values in taken.items()}
