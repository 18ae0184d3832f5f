"""Run the jobs of models in one process that holds one model at a time and works on two jobs at once.

While the device generates for one job, the images of the next job are read, and those of the last job are measured,
encoded and kept, so the device never waits. Jobs of another model begin when all jobs before them have ended, so that
two models never take turns. The first job of a model runs alone, because others could only wait for the model to load.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import Future, ThreadPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import suppress
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path

from agents.executors import Job, JobResult
from agents.executors.worker import hold_interrupts, prepare_process, run_job

JOBS_AT_ONCE = 2
"""Jobs of one model that run at once: one uses the device, the other reads or writes beside it."""


class ModelWorker:
    """The model process and its running jobs. When it dies, every running job ends in BrokenProcessPool."""

    def __init__(self, root: Path) -> None:
        """Start the process; `root` is the folder of the artifacts, into which jobs write."""
        context = multiprocessing.get_context("spawn")
        self._line, far_end = context.Pipe()
        self._process = context.Process(target=_serve_jobs, args=(far_end, root, os.getpid()), daemon=True)
        with hold_interrupts():
            self._process.start()
        far_end.close()
        self._numbers, self._under_way = count(), dict[int, Future[JobResult]]()
        self._lock, self._dead = threading.Lock(), False
        threading.Thread(target=self._listen, name="model-results", daemon=True).start()

    def submit(self, job: Job) -> Future[JobResult]:
        """Submit a job.

        Raises:
            BrokenProcessPool: The process is dead.
        """
        future: Future[JobResult] = Future()
        with self._lock:
            if self._dead:
                raise BrokenProcessPool("the process of the models is dead")
            number = next(self._numbers)
            self._under_way[number] = future
        with suppress(OSError):  # it has just died, and the listener says so
            self._line.send((number, job))
        return future

    def close(self) -> None:
        """Stop the process without waiting for its jobs."""
        self._process.terminate()

    def _listen(self) -> None:
        """Receive results until the process ends, then fail the jobs that are left."""
        with suppress(Exception):  # the line is cut, or what comes is not to be understood
            while True:
                number, done = self._line.recv()
                with self._lock:
                    future = self._under_way.pop(number)
                future.set_result(done)
        with self._lock:
            self._dead, left = True, list(self._under_way.values())
            self._under_way.clear()
        self._process.terminate()
        self._process.join()
        for future in left:
            future.set_exception(BrokenProcessPool("the process of the models died"))


def _serve_jobs(line: Connection, root: Path, parent: int) -> None:
    """Run jobs in the model process until the connection closes."""
    prepare_process(parent)
    import cv2

    cv2.setNumThreads(1)
    sending, model, before = threading.Lock(), "", set[Future[None]]()

    def answer(number: int, job: Job) -> None:
        """Run a job and send its result."""
        done = run_job(root, job)
        try:
            with sending:
                line.send((number, done))
        except Exception:  # nobody would ever hear of this job
            os._exit(1)

    with ThreadPoolExecutor(JOBS_AT_ONCE) as pool, suppress(EOFError):
        while True:
            number, job = line.recv()
            new = job.model != model
            if new:
                wait(before)
            before = {one for one in before if not one.done()} | {pool.submit(answer, number, job)}
            if new:
                wait(before)
            model = job.model
