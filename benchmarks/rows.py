"""The row type that every benchmark returns, and helpers that measure wall time."""

from __future__ import annotations

import resource
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


def used_seconds_of(work: Callable[[], object]) -> float:
    """Return the processor seconds of one call, those of its finished child processes included."""
    begin = _used_seconds()
    work()
    return _used_seconds() - begin


def time_interleaved(
    ways: dict[str, Callable[[], object]], rounds: int, seconds: Callable[[Callable[[], object]], float] = seconds_of
) -> dict[str, float]:
    """Return the median seconds of each way, run in turns so that other load disturbs all alike.

    Args:
        ways: What is measured.
        rounds: How often.
        seconds: How: wall seconds, or with `used_seconds_of` those of the processor, in which other load hardly counts.
    """
    taken: dict[str, list[float]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, work in ways.items():
            taken[name].append(seconds(work))
    return {name: statistics.median(values) for name, values in taken.items()}


def _used_seconds() -> float:
    used = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    return sum(one.ru_utime + one.ru_stime for one in used)
