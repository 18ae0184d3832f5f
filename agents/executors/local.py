"""Run jobs on this machine: processes for images and ffmpeg, one process for models, threads for jobs that wait."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from itertools import islice
from pathlib import Path

from agents.executors import Job, JobResult
from agents.executors.model_worker import ModelWorker
from agents.executors.worker import hold_interrupts, prepare_process, run_jobs

HANDS = "KOMADORI_HANDS"
"""What names another number of processes."""
MOST_HANDS = 256
"""Processes that are started at most, whatever is named."""

MOST_TOGETHER = 8
"""Jobs of one group that a worker is handed at once: what they made is kept when the last of them is done."""


class LocalExecutor:
    """Keeps the Executor's promise with `workers` processes and as many threads as calls may wait."""

    def __init__(self, root: Path, *, workers: int | None = None, waiting: int = 4) -> None:
        """`root` is the folder of the artifacts, which the jobs write."""
        self._root = root
        self._workers = workers or worker_count()
        self._waiting = waiting
        self._pool: ProcessPoolExecutor | None = None
        self._desk: ModelWorker | None = None
        self._threads: ThreadPoolExecutor | None = None

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Run `jobs`; only a few more than can run at once are handed out, so memory does not grow with the book.

        A worker that dies breaks the whole pool: every job under way is then tried once more, alone, so that
        only the guilty one fails. Jobs under way when the caller stops listening go on until `close`: a future
        that is cancelled while its pool breaks makes the pool's own thread raise.
        """
        queue, under_way, suspects = batches(jobs), dict[Future[list[JobResult]], list[Job]](), list[Job]()
        while True:
            room = 0 if suspects else 2 * self._workers + self._waiting - len(under_way)
            under_way |= {self._submit(batch): batch for batch in islice(queue, room)}
            if not under_way and suspects:
                yield self._alone(suspects.pop())
            elif not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done if under_way else ():
                batch = under_way.pop(future)
                try:
                    yield from future.result()
                except BrokenProcessPool:
                    self._give_up(batch[0])
                    suspects += batch

    def close(self) -> None:
        """Stop the workers without waiting for what they are at."""
        if self._desk is not None:
            self._desk.close()
        if self._pool is not None:
            for worker in list((self._pool._processes or {}).values()):
                worker.terminate()
            self._pool.shutdown()  # its own thread would else write to a closed pipe while the program ends
        self._pool = self._desk = None
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _alone(self, job: Job) -> JobResult:
        try:
            return self._submit([job]).result()[0]
        except BrokenProcessPool:
            self._give_up(job)
            return JobResult(job.key, None, error="its worker died twice (out of memory?)")

    def _submit(self, batch: list[Job]) -> Future[list[JobResult]]:
        job = batch[0]
        if job.waits:
            self._threads = self._threads or ThreadPoolExecutor(self._waiting, thread_name_prefix="waiting")
            return self._threads.submit(run_jobs, self._root, batch)
        try:
            if job.model:
                self._desk = self._desk or ModelWorker(self._root)
                return self._desk.submit(job)
            self._pool = self._pool or self._open()
            with hold_interrupts():
                return self._pool.submit(run_jobs, self._root, batch)
        except BrokenProcessPool:
            self._give_up(job)
            return self._submit(batch)

    def _give_up(self, job: Job) -> None:
        """Forget the broken workers that had the job."""
        if job.model:
            self._desk = None
        else:
            self._pool = None

    def _open(self) -> ProcessPoolExecutor:
        # spawn: a forked child would inherit our threads' locks and the open database
        return ProcessPoolExecutor(
            self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_settle,
            initargs=(os.getpid(),),
        )  # fmt: skip


def batches(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Yield the jobs as they are handed to workers: each alone, or a few of one group that stand beside each other.

    Jobs that wait for something far away, or that a model does, go alone: they have hands of their own.
    """
    batch: list[Job] = []
    for job in jobs:
        apart = not job.group or job.waits or job.model
        if batch and (apart or job.group != batch[0].group or len(batch) == MOST_TOGETHER):
            yield batch
            batch = []
        batch.append(job)
        if apart:
            yield batch
            batch = []
    if batch:
        yield batch


def worker_count() -> int:
    """How many processes work at once on this machine, unless somebody asks for another number."""
    asked = os.environ.get(HANDS, "").strip()
    if asked.isdecimal() and len(asked) <= 9 and int(asked):
        return min(int(asked), MOST_HANDS)
    return max(1, min(os.cpu_count() or 1, 8))


def _settle(parent: int) -> None:
    """Make a worker one thread of pixels."""
    prepare_process(parent)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import cv2

    cv2.setNumThreads(1)
