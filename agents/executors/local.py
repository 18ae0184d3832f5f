"""Run jobs on this machine: processes for images and ffmpeg, one process for models, threads for jobs that wait."""

from __future__ import annotations

import multiprocessing
import os
from collections.abc import Container, Iterable, Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path

from agents.executors import Job, JobResult
from agents.executors.model_worker import ModelWorker
from agents.executors.worker import hold_interrupts, prepare_process, run_grouped_job

WORKERS_VARIABLE = "KOMADORI_HANDS"
"""Environment variable with the number of worker processes."""
MAX_WORKERS = 256
"""The most processes that are started, whatever the variable says."""

MAX_GROUP_JOBS = 8
"""Jobs of one group that a worker gets at once."""


@dataclass
class _Worker:
    """A worker process, as a pool of its own so that its death breaks no job of another, and the jobs it was given."""

    pool: ProcessPoolExecutor
    futures: list[Future[JobResult]] = field(default_factory=list)

    @property
    def is_dead(self) -> bool:
        """Whether its process died over one of its jobs: no job raises by itself."""
        return any(future.done() and future.exception() for future in self.futures)

    def submit(self, root: Path, job: Job, *, is_last: bool) -> Future[JobResult]:
        """Give it a job; `is_last` says that no job of the same group follows. The future fails if the process dies."""
        try:
            with hold_interrupts():
                future = self.pool.submit(run_grouped_job, root, job, is_last=is_last)
        except BrokenProcessPool as reason:
            future = Future[JobResult]()
            future.set_exception(reason)
        self.futures = [one for one in self.futures if not one.done() or one.exception()] + [future]
        return future


class LocalExecutor:
    """Executor with `workers` processes and `waiting` threads for jobs that wait."""

    def __init__(self, root: Path, *, workers: int | None = None, waiting: int = 4) -> None:
        """Create the executor; `root` is the folder of the artifacts, into which jobs write."""
        self._root = root
        self._count = workers or worker_count()
        self._waiting = waiting
        self._workers: list[_Worker] = []
        self._model_worker: ModelWorker | None = None
        self._threads: ThreadPoolExecutor | None = None

    def run(self, jobs: Iterable[Job]) -> Iterator[JobResult]:
        """Run jobs; only a few more than can run at once are submitted, so memory does not grow with the book.

        A result is yielded as soon as its job has ended, also where other jobs of its group still run.

        A worker that dies takes the jobs that it was given with it: each of them is then tried once more, alone, so
        that only the guilty one fails. Jobs that run when the caller stops iterating continue until `close`: cancelling
        a future while its pool breaks makes the pool's own thread raise.
        """
        queue, held, suspects = batches(jobs), list[list[Job]](), list[Job]()
        under_way = dict[Future[JobResult], Job]()
        while True:
            if not suspects:
                elsewhere = sum(job.waits or bool(job.model) for job in under_way.values())
                held += islice(queue, max(0, 2 * self._count + self._waiting - len(held) - elsewhere))
                held = [batch for batch in held if not self._submit_batch(batch, under_way)]
            if not under_way and suspects:
                yield self._run_alone(suspects.pop())
            elif not under_way:
                return
            for future in wait(under_way, return_when=FIRST_COMPLETED).done if under_way else ():
                job = under_way.pop(future)
                try:
                    yield future.result()
                except BrokenProcessPool:
                    suspects.append(job)

    def close(self) -> None:
        """Stop the workers without waiting for their jobs."""
        if self._model_worker is not None:
            self._model_worker.close()
        for worker in self._workers:
            for process in list((worker.pool._processes or {}).values()):
                process.terminate()
        for worker in self._workers:
            worker.pool.shutdown()  # its own thread would else write to a closed pipe while the program ends
        self._workers, self._model_worker = [], None
        if self._threads is not None:
            self._threads.shutdown(wait=False, cancel_futures=True)
            self._threads = None

    def _run_alone(self, job: Job) -> JobResult:
        """Run one job whose worker died, with no other job beside it."""
        alone = dict[Future[JobResult], Job]()
        self._submit_batch([job], alone)
        try:
            return next(iter(alone)).result()
        except BrokenProcessPool:
            return JobResult(job.key, None, error="its worker died twice (out of memory?)")

    def _submit_batch(self, batch: list[Job], under_way: dict[Future[JobResult], Job]) -> bool:
        """Submit a batch to threads, to the model process or to one worker, which are started when first needed.

        Returns False where all workers have enough to do.
        """
        job = batch[0]
        if job.waits:
            self._threads = self._threads or ThreadPoolExecutor(self._waiting, thread_name_prefix="waiting")
            under_way[self._threads.submit(run_grouped_job, self._root, job, is_last=True)] = job
        elif job.model:
            under_way[self._submit_to_model(job)] = job
        elif (worker := self._free_worker(under_way)) is None:
            return False
        else:
            for number, one in enumerate(batch, start=1):
                under_way[worker.submit(self._root, one, is_last=number == len(batch))] = one
        return True

    def _free_worker(self, under_way: Container[Future[JobResult]]) -> _Worker | None:
        """Return the worker with the least to do, a new one while there are too few; None where all have enough.

        A worker gets another batch while it is at its last job, so that it never waits for the next one.
        """
        self._workers = [worker for worker in self._workers if not worker.is_dead]
        loads = [sum(future in under_way for future in worker.futures) for worker in self._workers]
        if len(loads) < self._count and all(loads):
            self._workers.append(_Worker(_open_pool()))
            return self._workers[-1]
        return self._workers[loads.index(min(loads))] if min(loads) < 2 else None

    def _submit_to_model(self, job: Job) -> Future[JobResult]:
        """Give a job to the model process, and start another where it is dead."""
        try:
            self._model_worker = self._model_worker or ModelWorker(self._root)
            return self._model_worker.submit(job)
        except BrokenProcessPool:
            self._model_worker = ModelWorker(self._root)
            return self._model_worker.submit(job)


def _open_pool() -> ProcessPoolExecutor:
    """Open a pool of one process, started by spawn: a forked child would inherit our locks and the open database."""
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(1, mp_context=context, initializer=_prepare_worker, initargs=(os.getpid(),))


def batches(jobs: Iterable[Job]) -> Iterator[list[Job]]:
    """Yield the jobs in the batches that workers get: each alone, or a few of one group that follow each other.

    Jobs that wait, or that need a model, go alone: they run in threads or in the model process.
    """
    batch: list[Job] = []
    for job in jobs:
        apart = not job.group or job.waits or job.model
        if batch and (apart or job.group != batch[0].group or len(batch) == MAX_GROUP_JOBS):
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
    asked = os.environ.get(WORKERS_VARIABLE, "").strip()
    if asked.isdecimal() and len(asked) <= 9 and int(asked):
        return min(int(asked), MAX_WORKERS)
    return max(1, min(os.cpu_count() or 1, 8))


def _prepare_worker(parent: int) -> None:
    """Set up a worker process to use one thread for image work."""
    prepare_process(parent)
    os.environ.setdefault("OMP_NUM_THREADS", "1")
    import cv2

    cv2.setNumThreads(1)
