"""Compare the peak memory of a film of 60 pages with that of a film of 6 pages."""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from benchmarks import books
from benchmarks.rows import BenchmarkRow

BOUND = 1.15
_PROGRAM = """
import multiprocessing, resource, sys
from main import main
status = main(sys.argv[1:])
for worker in multiprocessing.active_children():
    worker.join()  # only of children that were waited for is anything known
own, workers = (resource.getrusage(who).ru_maxrss / 1024 for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
print('PEAK', status, own, workers)
"""


def rows() -> list[BenchmarkRow]:
    """Measure the peak resident MiB of the main process and of its largest worker, for 6 and for 60 pages."""
    few, many = _peak(6), _peak(60)
    ratio = sum(many) / sum(few)
    return [
        BenchmarkRow("peak memory, 60 pages against 6", f"{ratio:.2f}x", f"<= {BOUND}x", ratio <= BOUND),
        BenchmarkRow(
            "  main process and largest worker",
            f"{many[0]:.0f} + {many[1]:.0f} MiB (6 pages: {few[0]:.0f} + {few[1]:.0f})",
        ),
    ]


def _peak(pages: int) -> tuple[float, float]:
    with tempfile.TemporaryDirectory() as folder:
        chapter = books.chapter(Path(folder) / "chapter", pages)
        words = ["animate", str(chapter), "--project", f"{folder}/p.komadori", "--height", "180", "--fps", "12"]
        command = [sys.executable, "-c", _PROGRAM, *words]
        output = subprocess.run(
            command, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[1]
        ).stdout
    status, own, workers = output.rsplit("PEAK", 1)[1].split()
    if status != "0":
        raise RuntimeError(f"the film of {pages} pages ended with {status}")
    return float(own), float(workers)
