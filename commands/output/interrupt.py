"""Let Ctrl-C stop the current work without ending the conversation."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StoppedError(Exception):
    """A person pressed Ctrl-C: what was being done is done no further."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise StoppedError when a person at a terminal presses Ctrl-C in this block."""
    if not sys.stdin.isatty():
        yield
        return
    heard: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        heard.append(number)
        raise KeyboardInterrupt  # which no stage takes for the fault of a shot

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except KeyboardInterrupt:
        if not heard:
            raise
        raise StoppedError from None
    finally:
        signal.signal(signal.SIGINT, before)
