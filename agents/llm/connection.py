"""Send chat requests to a server over HTTP, and tell apart how they fail.

This is the only file that imports openai. The client is created, and a socket opened, at the first request.
"""

from __future__ import annotations

import json
import threading
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from agents.llm.servers import Server, retry_after, status_hint
from storage.errors import ChatError
from storage.shapes import JsonObject
from tools.http_server import is_near

if TYPE_CHECKING:
    from openai import OpenAI

MAX_RESPONSE_BYTES = 4_000_000
CONTEXT_EXCEEDED = ("exceed_context_size_error", "context_length_exceeded")
"""Types and codes of errors, of llama.cpp and OpenAI, for a request that exceeds the model's context."""


class RequestRefusedError(Exception):
    """The server does not accept this request; `status` is its HTTP status."""

    def __init__(self, what: str, status: int) -> None:
        super().__init__(what)
        self.status = status


class ContextExceededError(Exception):
    """The request and its answer exceed the model's context; `window` is its size in tokens, 0 if it is not said."""

    def __init__(self, window: int) -> None:
        super().__init__(window)
        self.window = window


class RetryableError(Exception):
    """A retry after `wait` seconds may help; the server may have worked on the request if it was `sent`."""

    def __init__(self, what: str, *, wait: float | None = None, sent: bool = False, status: int = 0) -> None:
        super().__init__(what)
        self.wait, self.sent, self.status = wait, sent, status


class Connection:
    """Connection to one server. May be used from several threads."""

    def __init__(self, server: Server) -> None:
        self._server = server
        self._client: OpenAI | None = None
        self._lock = threading.Lock()

    def post(self, body: Mapping[str, object]) -> JsonObject:
        """Send one chat request and return the server's JSON.

        Raises:
            RequestRefusedError: The server does not accept the request.
            ContextExceededError: The request and its answer are too long.
            RetryableError: The same request may work later.
            ChatError: The server cannot be used.
        """
        import openai

        try:
            return self._read_response(dict(body))
        except openai.APIStatusError as error:
            raise self._status_error(error) from None
        except openai.APITimeoutError:
            raise self._late() from None
        except openai.APIConnectionError as error:
            raise RetryableError(f"no connection ({error.__cause__ or error})") from None

    def _read_response(self, body: JsonObject) -> JsonObject:
        """Post a request and read all of the response within one deadline: servers may answer drop by drop."""
        import httpx2

        deadline = time.monotonic() + self._server.patience.seconds
        came = bytearray()
        try:
            with self._openai_client().chat.completions.with_streaming_response.create(**body) as response:
                for piece in response.iter_bytes():
                    came += piece
                    if time.monotonic() > deadline:
                        raise self._late()
                    if len(came) > MAX_RESPONSE_BYTES:
                        raise RetryableError("its answer never ends", sent=True)
        except httpx2.TimeoutException:
            raise self._late() from None
        except httpx2.HTTPError as error:
            raise RetryableError(f"the connection broke ({error})") from None
        return _parse_json(bytes(came))

    def _late(self) -> RetryableError:
        return RetryableError(f"no answer within {self._server.patience.seconds:.0f} s", sent=True)

    def _status_error(self, error: Any) -> Exception:
        """Return the exception that stands for an HTTP status: refused, too long, retry, or unusable server."""
        status, said = int(error.status_code), _error_message(error)
        said = said.replace(self._server.key, "***") if self._server.key else said
        facts = error.body if isinstance(error.body, dict) else {}
        if {str(facts.get("type")), str(facts.get("code"))} & set(CONTEXT_EXCEEDED):
            return ContextExceededError(window if isinstance(window := facts.get("n_ctx"), int) else 0)
        if status in (400, 413, 415, 422):
            return RequestRefusedError(f"{status} {said}", status)
        if status in (408, 409, 425, 429) or (status >= 500 and status != 501):
            return RetryableError(f"{status} {said}", wait=retry_after(error.response.headers), status=status)
        what = f"{self._server.described} cannot be asked: {status} {said}"
        return ChatError(what, status_hint(status), status=status)

    def _openai_client(self) -> OpenAI:
        """Return the openai client, created at the first call."""
        with self._lock:
            if self._client is None:
                self._client = _create_client(self._server)
            return self._client


def _parse_json(came: bytes) -> JsonObject:
    """Parse the server's JSON. Raises RetryableError where it is not an object or reports an error."""
    try:
        found = json.loads(came)
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise RetryableError("what it sent is no JSON: is this the address of an OpenAI-compatible server?")
    if error := found.get("error"):  # some servers say so with status 200
        status = error.get("code") if isinstance(error, dict) else 0
        raise RetryableError(f"it says: {str(error)[:300]}", status=status if isinstance(status, int) else 0)
    return found


def _error_message(error: Any) -> str:
    """Return the server's error message, at most 300 characters."""
    body = error.body
    said = body.get("message") if isinstance(body, dict) else body
    return str(said or error.message)[:300]


def _create_client(server: Server) -> OpenAI:
    """Create the openai client for a server."""
    import openai

    near = is_near(urlsplit(server.url).hostname or "")
    timeout = openai.Timeout(server.patience.seconds, connect=server.patience.connect)
    # no proxy stands between this machine and itself; retries are ours alone
    transport = openai.DefaultHttpx2Client(trust_env=not near, timeout=timeout)
    return openai.OpenAI(
        api_key=server.key or "not-needed", base_url=server.url, max_retries=0, timeout=timeout, http_client=transport
    )
