"""The row type that every benchmark returns, and helpers that measure wall time."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class BenchmarkRow:
    """One measured figure; `bound` is its limit as text, and `holds` says whether the figure keeps it."""

    what: str
    figure: str
    bound: str = ""
    holds: bool = True


def seconds_of(work: Callable[[], object]) -> float:
    """Return the wall time of one call in seconds."""
    begin = time.perf_counter()
    work()
    return time.perf_counter() - begin


def time_interleaved(ways: dict[str, Callable[[], object]], rounds: int) -> dict[str, float]:
    """Return the median wall seconds of each way, run in turns so that other load disturbs all alike."""
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            taken[name].append(seconds_of(work))
    return {name: statistics.median(values) for name, values in taken.items()}
