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
"""Environment variable with the number of worker processes."""
MOST_HANDS = 256
"""The most processes that are started, whatever the variable says."""

MOST_TOGETHER = 8
"""Jobs of one group that a worker gets at once: their results are kept when the last of them is done."""


class LocalExecutor:
    """Executor with `workers` processes and `waiting` threads for jobs that wait."""

    def __init__(self, root: Path, *, workers: int | None = None, waiting: int = 4) -> None:
        """Create the executor; `root` is the folder of the artifacts, into which jobs write."""
        self._root = root
        self._workers = workers or worker_count()
        self._waiting = waiting
        self._pool: ProcessPoolExecutor | None = None
        self._model_worker: ModelWorker | None = None
        self._threads: ThreadPoolExecutor | None = None

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Run jobs; only a few more than can run at once are submitted, so memory does not grow with the book.

        A worker that dies breaks the whole pool: every running job is then tried once more, alone, so that only the
        guilty one fails. Jobs that run when the caller stops iterating continue until `close`: cancelling a future
        while its pool breaks makes the pool's own thread raise.
        """
        queue, under_way, suspects = batches(jobs), dict[Future[list[JobResult]], list[Job]](), list[Job]()
        while True:
            room = 0 if suspects else 2 * self._workers + self._waiting - len(under_way)
            under_way |= {self._submit(batch): batch for batch in islice(queue, room)}
            if not under_way and suspects:
                yield self._run_alone(suspects.pop())
            elif not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done if under_way else ():
                batch = under_way.pop(future)
                try:
                    yield from future.result()
                except BrokenProcessPool:
                    self._forget_workers(batch[0])
                    suspects += batch

    def close(self) -> None:
        """Stop the workers without waiting for their jobs."""
        if self._model_worker is not None:
            self._model_worker.close()
        if self._pool is not None:
            for worker in list((self._pool._processes or {}).values()):
                worker.terminate()
            self._pool.shutdown()  # its own thread would else write to a closed pipe while the program ends
        self._pool = self._model_worker = None
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _run_alone(self, job: Job) -> JobResult:
        """Run one job whose worker died, with no other job beside it."""
        try:
            return self._submit([job]).result()[0]
        except BrokenProcessPool:
            self._forget_workers(job)
            return JobResult(job.key, None, error="its worker died twice (out of memory?)")

    def _submit(self, batch: list[Job]) -> Future[list[JobResult]]:
        """Submit a batch to threads, to the model process or to the pool, which are started when first needed."""
        job = batch[0]
        if job.waits:
            self._threads = self._threads or ThreadPoolExecutor(self._waiting, thread_name_prefix="waiting")
            return self._threads.submit(run_jobs, self._root, batch)
        try:
            if job.model:
                self._model_worker = self._model_worker or ModelWorker(self._root)
                return self._model_worker.submit(job)
            self._pool = self._pool or self._open()
            with hold_interrupts():
                return self._pool.submit(run_jobs, self._root, batch)
        except BrokenProcessPool:
            self._forget_workers(job)
            return self._submit(batch)

    def _forget_workers(self, job: Job) -> None:
        """Forget the broken workers that had the job."""
        if job.model:
            self._model_worker = None
        else:
            self._pool = None

    def _open(self) -> ProcessPoolExecutor:
        """Start the pool of processes, by spawn: a forked child would inherit our locks and the open database."""
        return ProcessPoolExecutor(
            self._workers, mp_context=multiprocessing.get_context("spawn"), initializer=_prepare_worker,
            initargs=(os.getpid(),),
        )  # fmt: skip


def batches(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Yield the jobs in the batches that workers get: each alone, or a few of one group that follow each other.

    Jobs that wait, or that need a model, go alone: they run in threads or in the model process.
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
    """Return the number of worker processes: KOMADORI_HANDS, else one a core up to 8."""
    asked = os.environ.get(HANDS, "").strip()
    if asked.isdecimal() and len(asked) <= 9 and int(asked):
        return min(int(asked), MOST_HANDS)
    return max(1, min(os.cpu_count() or 1, 8))


def _prepare_worker(parent: int) -> None:
    """Set up a worker process to use one thread for image work."""
    prepare_process(parent)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import cv2

    cv2.setNumThreads(1)
