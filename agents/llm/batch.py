"""Ask several questions in parallel and yield the answers as they arrive."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from typing import TypeVar

Thing = TypeVar("Thing")
Answer = TypeVar("Answer")


def ask_in_parallel(
    ask: Callable[[Thing], Answer], things: Sequence[Thing], *, hands: int
) -> Iterator[tuple[Thing, Answer | Exception]]:
    """Call `ask` for each item, at most `hands` at a time, and yield results in order of arrival.

    An exception that `ask` raises is yielded as the answer to its item. The threads are daemons: a program that is
    stopped does not wait for requests that are under way.

    Args:
        ask: Function that answers one item. Called from several threads.
        things: The items.
        hands: Number of threads.

    Yields:
        Pairs of an item and its answer or exception.
    """
    queued, answers = queue.SimpleQueue[Thing](), queue.SimpleQueue[tuple[Thing, Answer | Exception]]()
    for thing in things:
        queued.put(thing)

    def work() -> None:
        with suppress(queue.Empty):
            while True:
                thing = queued.get_nowait()
                answers.put((thing, _answer_or_error(ask, thing)))

    for _ in range(min(len(things), hands)):
        threading.Thread(target=work, daemon=True).start()
    for _ in things:
        yield answers.get()


def _answer_or_error(ask: Callable[[Thing], Answer], thing: Thing) -> Answer | Exception:
    """Return the answer of `ask`, or the exception that it raised."""
    try:
        return ask(thing)
    except Exception as error:
        return error
