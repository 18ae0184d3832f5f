"""Apply a function to each item in a process of its own, a few at a time.

For work that starts processes itself, as making a whole film does. All processes are stopped when the caller stops
iterating.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import sys
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from multiprocessing.context import SpawnProcess
from typing import Generic, NoReturn, TypeVar

from agents.executors.local import WORKERS_VARIABLE, worker_count
from agents.executors.worker import hold_interrupts, prepare_process

STOP_SECONDS = 5.0
"""Seconds that a process may take to clean up when it is stopped."""
Thing = TypeVar("Thing")
Result = TypeVar("Result")


@dataclass
class _RunningItem(Generic[Thing]):
    """An item and the process that works on it."""

    item: Thing
    process: SpawnProcess


def run_in_processes(
    work: Callable[[Thing], Result], things: Sequence[Thing], *, together: int
) -> Iterator[tuple[Thing, Result | None]]:
    """Yield each item with what `work` returned for it, as soon as it is done; None where its process died.

    Args:
        work: A function at the top of a module.
        things: The items.
        together: How many processes run at once; they share the workers of this machine.
    """
    waiting, under_way = list(reversed(things)), dict[Connection, _RunningItem[Thing]]()
    share = max(1, worker_count() // together)
    try:
        while waiting or under_way:
            while waiting and len(under_way) < together:
                thing = waiting.pop()
                at, process = _start_process(work, thing, share)
                under_way[at] = _RunningItem(thing, process)
            for ready in wait(list(under_way)):
                assert isinstance(ready, Connection)
                one = under_way.pop(ready)
                try:
                    result: Result | None = ready.recv()
                except EOFError:
                    result = None
                one.process.join()
                ready.close()
                yield one.item, result
    finally:
        for one in under_way.values():
            one.process.terminate()
        for one in under_way.values():
            one.process.join(STOP_SECONDS)
            one.process.kill()
            one.process.join()


def _start_process(work: Callable[[Thing], Result], thing: Thing, share: int) -> tuple[Connection, SpawnProcess]:
    """Start a process for an item; return the connection on which it sends its result."""
    context = multiprocessing.get_context("spawn")
    receiving, sending = context.Pipe(duplex=False)
    process = context.Process(target=_work, args=(work, thing, sending, os.getpid(), share))
    with hold_interrupts():
        process.start()
    sending.close()
    return receiving, process


def _work(work: Callable[[Thing], Result], thing: Thing, sending: Connection, parent: int, share: int) -> None:
    """Do the work in its process and send the result."""
    prepare_process(parent)
    signal.signal(signal.SIGTERM, _leave)  # with all that it has of the machine given back: locks, pools, projects
    os.environ[WORKERS_VARIABLE] = str(share)
    sending.send(work(thing))


def _leave(number: int, frame: object) -> NoReturn:
    """End the process with all its locks, pools and projects closed."""
    sys.exit(1)
