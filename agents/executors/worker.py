"""Run one job and return its result; set up worker processes, which ignore Ctrl-C and end with their parent."""

from __future__ import annotations

import gc
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType

from agents.executors import Job, JobResult
from storage.artifacts import Artifacts
from storage.errors import KomadoriError
from tools import devices, png

_START_LOCK = threading.RLock()
"""Held while a worker process starts, because `sys.modules` is changed meanwhile."""


def run_job(root: Path, job: Job) -> JobResult:
    """Run one job in this process; an exception becomes the error of its result."""
    begin = time.perf_counter()
    made, error, cause = None, "", None
    with devices.measure_cost() as cost:
        try:
            made = job.make(Artifacts(root), **job.arguments)
        except KomadoriError as reason:
            error, cause = reason.what, reason
        except Exception as reason:
            where = traceback.extract_tb(reason.__traceback__)[-1]
            # what OpenCV says names its own source files and tells a user nothing
            what = "a picture could not be processed" if type(reason).__module__.startswith("cv2") else reason
            error = f"{type(reason).__name__}: {what} ({Path(where.filename).name}:{where.lineno})"
    seconds = time.perf_counter() - begin - cost.waited
    return JobResult(
        job.key, made, error, cause, seconds, cost.loads, round(cost.load_seconds, 3), cost.peak_mib, cost.relief
    )


def run_grouped_job(root: Path, job: Job, *, is_last: bool) -> JobResult:
    """Run one job of a group; its jobs share decoded pictures, which leave memory with the last of them."""
    try:
        return run_job(root, job)
    finally:
        if is_last:
            png.forget_cached()


@contextmanager
def hold_interrupts() -> Iterator[None]:
    """Block Ctrl-C in this thread while a worker starts: the worker and its ffmpeg processes then never receive it.

    The program's `__main__` is hidden as well: spawn would import a user's script again, which would film its film
    again.
    """
    held = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT}) if hasattr(signal, "pthread_sigmask") else None
    with _START_LOCK:
        program, sys.modules["__main__"] = sys.modules["__main__"], ModuleType("__main__")
        try:
            yield
        finally:
            sys.modules["__main__"] = program
            if held is not None:
                signal.pthread_sigmask(signal.SIG_SETMASK, held)


def prepare_process(parent: int) -> None:
    """Make a worker process ignore Ctrl-C and end when its parent has ended, and spare it needless work."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    gc.set_threshold(10_000)  # the objects of imported modules stay: searching them again and again takes a second
    os.environ.setdefault("TORCHDYNAMO_DISABLE", "1")  # no model is compiled, and bitsandbytes imports the compiler
    threading.Thread(target=_leave_with, args=(parent,), daemon=True).start()


def _leave_with(parent: int) -> None:
    """End this process when its parent has ended."""
    while os.getppid() == parent:
        time.sleep(0.5)
    os._exit(1)
