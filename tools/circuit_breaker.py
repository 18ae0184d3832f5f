"""Stop asking a server that fails again and again, so that the jobs of a book do not each wait for it in vain.

Source: Nygard, Release It!, 2007 (the pattern "Circuit Breaker").
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from storage.errors import ServerError

MOST_FAILURES = 3
"""Failures in a row after which a server is not asked any more; jobs run in threads, so that a few more may happen."""
REST_SECONDS = 30.0
"""Seconds until a server that failed is asked again: one failure more, and it rests again."""
_ABOUT_THE_KEY = (401, 403)


class CircuitBreaker:
    """Counts the failures of one server. It may be used from several threads."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        """Create it; `clock` returns seconds."""
        self._clock = clock
        self._lock = threading.Lock()
        self._failures = 0
        self._last: ServerError | None = None
        self._rests_until = 0.0

    def check(self) -> None:
        """Raise the last error again while the server rests."""
        with self._lock:
            if self._last is not None and self._failures >= MOST_FAILURES and self._clock() < self._rests_until:
                last = self._last
                raise type(last)(last.what, last.hint, reason=last.reason, status=last.status)

    def record(self, error: ServerError | None) -> None:
        """Count an answer, or a failure; what a server refuses is an answer, unless it refuses the key."""
        is_failure = error is not None and (error.reason != "refused" or error.status in _ABOUT_THE_KEY)
        with self._lock:
            self._failures = self._failures + 1 if is_failure else 0
            self._last = error
            self._rests_until = self._clock() + REST_SECONDS
