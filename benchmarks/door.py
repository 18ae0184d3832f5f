"""Measure how fast `main.py --help` answers."""

from __future__ import annotations

import statistics
import subprocess
import sys
from pathlib import Path

from benchmarks.rows import BenchmarkRow, seconds_of

BOUND = 0.7


def rows() -> list[BenchmarkRow]:
    """Measure the median of seven calls."""
    command = [sys.executable, "main.py", "--help"]
    house = Path(__file__).resolve().parents[1]
    taken = statistics.median(
        seconds_of(lambda: subprocess.run(command, cwd=house, capture_output=True, check=True)) for _ in range(7)
    )
    return [BenchmarkRow("main.py --help", f"{taken:.2f} s", f"< {BOUND} s", taken < BOUND)]
