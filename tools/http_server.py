"""Ask a server over HTTP within one deadline, however slowly or endlessly it answers."""

from __future__ import annotations

import ipaddress
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from storage.errors import NoAnswer, ServerError, SettingsError
from tools.circuit_breaker import CircuitBreaker

if TYPE_CHECKING:
    from httpx2 import Client

_BUSY = frozenset((408, 425, 429, 500, 502, 503, 504))
"""The HTTP statuses after which the same request may work."""
_LONGEST_WORDS = 200
File = tuple[str, bytes, str]
"""A file of a form: its name, its bytes and its media type."""


@dataclass(frozen=True)
class HttpServer:
    """A server. It may be asked from several threads. Its key is never shown.

    After three failures in a row it is not asked for a while, and the same error is raised at once.

    Attributes:
        url: Its address, without a slash at the end.
        what: What it is, for error messages: "a server of voices".
        key: The key that it asks for; "" for none.
        seconds: Time for a whole answer, all attempts together.
        max_bytes: The size of an answer at most.
        error: The class of its errors.
        connect: Seconds to connect.
        tries: Attempts in all, where it is busy or fails.
        first_wait: Seconds before the second attempt; each further wait is twice as long.

    Raises:
        SettingsError: The address is none.
    """

    url: str
    what: str
    key: str = field(default="", repr=False)
    seconds: float = 60.0
    max_bytes: int = 60_000_000
    error: type[ServerError] = ServerError
    connect: float = 5.0
    tries: int = 3
    first_wait: float = 0.5
    _clients: dict[str, Client] = field(default_factory=dict, repr=False, compare=False)
    _lock: threading.Lock = field(default_factory=threading.Lock, repr=False, compare=False)
    _breaker: CircuitBreaker = field(default_factory=CircuitBreaker, repr=False, compare=False)

    def __post_init__(self) -> None:
        if urlsplit(self.url).scheme not in ("http", "https") or not urlsplit(self.url).hostname:
            raise SettingsError(f"{self.url!r} is no address of a server", "write it as http://127.0.0.1:8000")

    @property
    def host(self) -> str:
        """Return the host and port, for people."""
        return urlsplit(self.url).netloc.rpartition("@")[2]

    def get(self, path: str, *, query: Mapping[str, str] | None = None) -> bytes:
        """Return what the server has at a path.

        Raises:
            ServerError: It does not answer.
        """
        return self._ask("GET", path, query or {}, {})

    def post(
        self,
        path: str,
        *,
        query: Mapping[str, str] | None = None,
        body: object = None,
        fields: Mapping[str, str] | None = None,
        files: Mapping[str, File] | None = None,
    ) -> bytes:
        """Send a request with JSON, or with the fields and files of a form, and return the answer.

        Raises:
            ServerError: The server does not answer, or refuses.
        """
        content = {"data": dict(fields or {}), "files": dict(files)} if files else {"json": body}
        return self._ask("POST", path, query or {}, content)

    def _ask(self, method: str, path: str, query: Mapping[str, str], content: Mapping[str, object]) -> bytes:
        """Ask, and ask again while the server is busy, unless it has failed too often."""
        self._breaker.check()
        try:
            answer = self._try(method, path, query, content)
        except ServerError as error:
            self._breaker.record(error)
            raise
        self._breaker.record(None)
        return answer

    def _try(self, method: str, path: str, query: Mapping[str, str], content: Mapping[str, object]) -> bytes:
        """Return the first answer that is one, within the deadline."""
        deadline = time.monotonic() + self.seconds
        for attempt in range(1, self.tries + 1):
            try:
                return self._attempt(method, path, query, content, deadline)
            except ServerError as error:
                wait = self.first_wait * 2 ** (attempt - 1)
                is_busy = error.reason == "unreachable" or error.status in _BUSY
                if not is_busy or attempt == self.tries or time.monotonic() + wait > deadline:
                    raise
                time.sleep(wait)
        raise AssertionError("the last attempt returns or raises")

    def _attempt(
        self, method: str, path: str, query: Mapping[str, str], content: Mapping[str, object], deadline: float
    ) -> bytes:
        with self._errors_of_transport(), self._client().stream(
            method, self.url + path, params=dict(query), headers=self._headers(), **content  # type: ignore[arg-type]
        ) as response:  # fmt: skip
            answer = bytearray()
            for piece in response.iter_bytes():
                answer += piece
                if time.monotonic() > deadline:
                    raise self._error("late", f"took longer than {self.seconds:g} s")
                if len(answer) > self.max_bytes:
                    raise self._error("endless", f"sent more than {self.max_bytes // 1_000_000} MB")
            status = int(response.status_code)
        if status >= 300:
            words = bytes(answer[:_LONGEST_WORDS]).decode("utf-8", "replace")
            words = words.replace(self.key, "***") if self.key else words
            reason: NoAnswer = "failed" if status >= 500 or status in _BUSY else "refused"
            raise self.error(
                f"{self.host} answered {status}: {words}", self._hint(status), reason=reason, status=status
            )
        return bytes(answer)

    @contextmanager
    def _errors_of_transport(self) -> Iterator[None]:
        """Raise a ServerError for what breaks on the way."""
        import httpx2

        try:
            yield
        except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
            raise self._error("unreachable", f"cannot be reached ({error})") from None
        except httpx2.TimeoutException:
            raise self._error("late", f"took longer than {self.seconds:g} s") from None
        except (httpx2.HTTPError, httpx2.InvalidURL) as error:
            raise self._error("broken", f"broke the connection ({error})") from None

    def _error(self, reason: NoAnswer, what: str) -> ServerError:
        return self.error(f"{self.host} {what}", self._hint(0), reason=reason)

    def _hint(self, status: int) -> str:
        if status in (401, 403):
            return f"check the key of {self.what}"
        return f"check that {self.what} runs at {self.url}"

    def _headers(self) -> dict[str, str]:
        return {"authorization": f"Bearer {self.key}"} if self.key else {}

    def _client(self) -> Client:
        """Return the client, created at the first request."""
        import httpx2

        with self._lock:
            if "client" not in self._clients:
                timeout = httpx2.Timeout(self.seconds, connect=self.connect)
                near = is_near(urlsplit(self.url).hostname or "")  # no proxy stands between this machine and itself
                self._clients["client"] = httpx2.Client(timeout=timeout, trust_env=not near)
            return self._clients["client"]


def is_near(host: str) -> bool:
    """Return whether a host is this machine or on the local network."""
    try:
        return ipaddress.ip_address(host).is_private
    except ValueError:
        return host == "localhost" or host.endswith((".local", ".localhost", ".lan")) or "." not in host
