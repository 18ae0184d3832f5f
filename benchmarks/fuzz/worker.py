"""A worker process that runs inputs, watched by the process that started it."""

from __future__ import annotations

import multiprocessing
import shutil
import tempfile
import time
from multiprocessing.connection import Connection
from multiprocessing.context import SpawnProcess
from pathlib import Path

from benchmarks.fuzz import guard, kinds
from benchmarks.fuzz.cases import Outcome, run_case

PATIENCE = 180.0
"""Seconds without an answer after which a worker counts as hanging: it waits for something that never comes."""


class Worker:
    """A process that runs one input after the other; it is started again after a crash or a hang."""

    def __init__(self, room: Path) -> None:
        self.room = room
        self._line: Connection
        self._process: SpawnProcess
        self._start()

    def run(self, kind: str, seed: str) -> Outcome:
        """Run one input; a dead or hanging process is a find."""
        begin = time.monotonic()
        self._line.send((kind, seed))
        try:
            if self._line.poll(PATIENCE):
                outcome = self._line.recv()
                assert isinstance(outcome, Outcome)
                return outcome
            what = f"no answer for {PATIENCE:.0f} s"
        except (EOFError, ConnectionResetError):
            self._process.join(5)
            what = f"the process died with {self._process.exitcode}"
        self.close()
        self._start()
        return Outcome(kind, seed, "FIND", what, time.monotonic() - begin)

    def close(self) -> None:
        """End the process."""
        self._process.kill()
        self._process.join()
        self._line.close()

    def _start(self) -> None:
        context = multiprocessing.get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=serve, args=(far_end, self.room), daemon=True)
        self._process.start()
        far_end.close()


def serve(line: Connection, room: Path) -> None:
    """Run inputs until the connection closes."""
    shutil.rmtree(room, ignore_errors=True)
    (room / "tmp").mkdir(parents=True)
    tempfile.tempdir = str(room / "case")
    kinds.prepare(room / "base")
    guard.install()
    while True:
        try:
            kind, seed = line.recv()
            line.send(run_case(kind, seed, room))
        except EOFError:
            return
