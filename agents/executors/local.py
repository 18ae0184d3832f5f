"""Runs jobs on this machine: processes for pixels and ffmpeg, one process for models, threads for waiting."""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from types import ModuleType

from agents.executors import Done, Job
from storage.artifacts import Artifacts
from storage.errors import KomadoriError
from tools import devices

HANDS = "KOMADORI_HANDS"
"""What names another number of processes."""
_BIRTH = threading.RLock()
"""Held while a worker is born, by one thread at a time: all see the same program again afterwards."""


class LocalExecutor:
    """Keeps the Executor's promise with `workers` processes and as many threads as calls may wait."""

    def __init__(self, root: Path, *, workers: int | None = None, waiting: int = 4) -> None:
        """`root` is the folder of the artifacts, which the jobs write."""
        self._root = root
        self._workers = workers or hands()
        self._waiting = waiting
        self._pools: dict[bool, ProcessPoolExecutor] = {}
        """Processes for pixels (False), and the one in which a model is awake (True)."""
        self._threads: ThreadPoolExecutor | None = None

    def run(self, jobs: Iterable[Job]) -> Iterator[Done]:
        """Run `jobs`; only a few more than can run at once are handed out, so memory does not grow with the book.

        A worker that dies breaks the whole pool: every job under way is then tried once more, alone, so that
        only the guilty one fails. Jobs under way when the caller stops listening go on until `close`: a future
        that is cancelled while its pool breaks makes the pool's own thread raise.
        """
        queue, under_way, suspects = iter(jobs), dict[Future[Done], Job](), list[Job]()
        while True:
            room = 0 if suspects else 2 * self._workers + self._waiting - len(under_way)
            under_way |= {self._submit(job): job for job in islice(queue, room)}
            if not under_way and suspects:
                yield self._alone(suspects.pop())
            elif not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done if under_way else ():
                job = under_way.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    self._pools.pop(bool(job.model), None)
                    suspects.append(job)

    def close(self) -> None:
        """Stop the workers without waiting for what they are at."""
        for pool in self._pools.values():
            workers = list((pool._processes or {}).values())
            pool.shutdown(wait=False, cancel_futures=True)
            for worker in workers:
                worker.terminate()
        self._pools = {}
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _alone(self, job: Job) -> Done:
        try:
            return self._submit(job).result()
        except BrokenProcessPool:
            self._pools.pop(bool(job.model), None)
            return Done(job.key, None, error="its worker died twice (out of memory?)")

    def _submit(self, job: Job) -> Future[Done]:
        if job.waits:
            self._threads = self._threads or ThreadPoolExecutor(self._waiting, thread_name_prefix="waiting")
            return self._threads.submit(work, self._root, job)
        pool = self._pools.get(bool(job.model)) or self._open(bool(job.model))
        try:
            with undisturbed():
                return pool.submit(work, self._root, job)
        except BrokenProcessPool:
            self._pools.pop(bool(job.model), None)
            return self._submit(job)

    def _open(self, for_models: bool) -> ProcessPoolExecutor:
        # spawn: a forked child would inherit our threads' locks and the open database
        self._pools[for_models] = ProcessPoolExecutor(
            1 if for_models else self._workers, mp_context=multiprocessing.get_context("spawn"),
            initializer=_settle, initargs=(os.getpid(), for_models),
        )  # fmt: skip
        return self._pools[for_models]


def hands() -> int:
    """How many processes work at once on this machine, unless somebody asks for another number."""
    asked = os.environ.get(HANDS, "").strip()
    return int(asked) if asked.isdecimal() and int(asked) else max(1, min(os.cpu_count() or 1, 8))


def work(root: Path, job: Job) -> Done:
    """Run one job here and now; what it raises becomes part of the Done."""
    begin = time.perf_counter()
    made, error, cause = None, "", None
    with devices.metered() as cost:
        try:
            made = job.make(Artifacts(root), **job.arguments)
        except KomadoriError as reason:
            error, cause = reason.what, reason
        except Exception as reason:
            where = traceback.extract_tb(reason.__traceback__)[-1]
            error = f"{type(reason).__name__}: {reason} ({Path(where.filename).name}:{where.lineno})"
    seconds = time.perf_counter() - begin
    return Done(
        job.key, made, error, cause, seconds, cost.loads, round(cost.load_seconds, 3), cost.peak_mib, cost.relief
    )


@contextmanager
def undisturbed() -> Iterator[None]:
    """Hold Ctrl-C back in this thread: a worker born meanwhile never hears it, nor does any ffmpeg of its own.

    Nor does it know the program that wants it: spawn would import a user's file again, and film the film in it.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    with _BIRTH:
        program, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = program
            if held is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, held)


def settle(parent: int) -> None:
    """Make a process a good neighbour: deaf to Ctrl-C, gone when its parent is gone."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _settle(parent: int, for_models: bool) -> None:
    """The same for a worker, with one thread of pixels."""
    settle(parent)
    if not for_models:
        os.environ.setdefault("OMP_NUM_THREADS", "1")
    import cv2

    cv2.setNumThreads(1)


def _leave_with(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
