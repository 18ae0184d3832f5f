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
    """Call `ask` for each, at most `hands` at a time; what it raises is an answer too.

    The threads end with the program: whoever stops it does not wait for what is under way.
    """
    waiting, came = queue.SimpleQueue[Thing](), queue.SimpleQueue[tuple[Thing, Answer | Exception]]()
    for one in things:
        waiting.put(one)

    def work() -> None:
        with suppress(queue.Empty):
            while True:
                one = waiting.get_nowait()
                came.put((one, _said(ask, one)))

    for _ in range(min(len(things), hands)):
        threading.Thread(target=work, daemon=True).start()
    for _ in things:
        yield came.get()


def _said(ask: Callable[[Thing], Answer], thing: Thing) -> Answer | Exception:
    try:
        return ask(thing)
    except Exception as error:
        return error
