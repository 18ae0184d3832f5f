"""Run many inputs in worker processes, print what was found, and exit with 1 if anything was.

python -m benchmarks.fuzz [--count 10000] [--seed N] [--only KIND] [--workers N]
python -m benchmarks.fuzz --case KIND:SEED [--keep DIR]
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from collections import Counter, defaultdict
from pathlib import Path

from benchmarks.fuzz.cases import Outcome, kind_of
from benchmarks.fuzz.kinds import KINDS
from benchmarks.fuzz.worker import Worker

TOLD_EVERY = 500


def fuzz(count: int, seed: str, only: str, room: Path) -> int:
    """Run `count` inputs, print a table and every find, and return how many there were."""
    worker, begin = Worker(room / "worker"), time.monotonic()
    ends: dict[str, Counter[str]] = defaultdict(Counter)
    finds: list[Outcome] = []
    slowest = largest = Outcome("", "", "")
    try:
        for number in range(count):
            outcome = worker.run(only or kind_of(number), f"{seed}-{number}")
            ends[outcome.kind][outcome.end] += 1
            slowest = max(slowest, outcome, key=lambda one: one.seconds)
            largest = max(largest, outcome, key=lambda one: one.mib)
            if outcome.end == "FIND":
                finds.append(outcome)
                print(f"FIND {outcome.kind}:{outcome.seed}\n{outcome.what.rstrip()}\n", flush=True)
            if (number + 1) % TOLD_EVERY == 0:
                print(f"{number + 1} inputs, {len(finds)} finds, {time.monotonic() - begin:.0f} s", flush=True)
    finally:
        worker.close()
        for kind, counts in ends.items():
            print(f"{kind:<11}{counts.total():6d}  " + ", ".join(f"{end} {n}" for end, n in counts.most_common()))
        print(f"slowest {slowest.kind}:{slowest.seed} {slowest.seconds:.1f} CPU-s", end="; ")
        print(f"largest {largest.kind}:{largest.seed} {largest.mib} MiB; seed {seed}; {len(finds)} finds")
    return len(finds)


def main(words: list[str]) -> int:
    """Parse the command line and run inputs, or one case."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.fuzz", description=__doc__)
    parser.add_argument("--count", type=int, default=10_000)
    parser.add_argument("--seed", default=time.strftime("%m%d%H%M"))
    parser.add_argument("--only", choices=tuple(KINDS), default="")
    parser.add_argument("--case", metavar="KIND:SEED", help="run this one input, and print how it ended")
    parser.add_argument("--keep", type=Path, metavar="DIR", help="with --case: leave its files in this folder")
    given = parser.parse_args(words)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as name:
        if not given.case:
            return 1 if fuzz(given.count, given.seed, given.only, Path(name)) else 0
        worker = Worker(Path(name) / "worker")
        outcome = worker.run(*given.case.split(":", 1))
        worker.close()
        if given.keep:
            shutil.copytree(worker.room / "case", given.keep, symlinks=True)
    print(outcome.end, outcome.what)
    return 1 if outcome.end == "FIND" else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
