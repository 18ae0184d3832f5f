"""Let Ctrl-C stop the current work without ending the conversation."""

from __future__ import annotations

import signal
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType


class StoppedError(Exception):
    """Ctrl-C was pressed: the current work stops."""


@contextmanager
def interruptible() -> Iterator[None]:
    """Raise StoppedError when Ctrl-C is pressed at a terminal within this block."""
    if not sys.stdin.isatty():
        yield
        return
    received: list[int] = []

    def stop(number: int, frame: FrameType | None) -> None:
        received.append(number)
        raise KeyboardInterrupt  # which no stage takes for the fault of a shot

    before = signal.signal(signal.SIGINT, stop)
    try:
        yield
    except KeyboardInterrupt:
        if not received:
            raise
        raise StoppedError from None
    finally:
        signal.signal(signal.SIGINT, before)
