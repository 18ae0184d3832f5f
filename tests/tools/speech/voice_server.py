"""A real HTTP server on 127.0.0.1 that answers from a script, also badly, and records what it was asked."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

from tests.http_servers import address_of, running_server


@dataclass(frozen=True)
class Reply:
    """A response: its bytes, after `delay` seconds; with `drip`, in that many pieces, each after `delay`.

    `endless` sends the bytes again and again; `cut` ends the connection after half of them.
    """

    content: bytes = b""
    status: int = 200
    delay: float = 0.0
    drip: int = 0
    endless: bool = False
    cut: bool = False
    headers: Mapping[str, str] = field(default_factory=dict)


@dataclass
class VoiceRequest:
    """One recorded request."""

    method: str
    path: str
    query: dict[str, str]
    body: Any
    headers: dict[str, str]


Script = Callable[[VoiceRequest, int], Reply]
"""Gives the reply to a request, by its number from 0."""


@dataclass
class VoiceServer:
    """The running server."""

    url: str
    requests: list[VoiceRequest] = field(default_factory=list)


def replies(*given: Reply) -> Script:
    """Return a script that gives the replies one after the other, and the last one from then on."""
    return lambda request, number: given[min(number, len(given) - 1)]


@contextmanager
def voice_server(script: Script) -> Iterator[VoiceServer]:
    """Serve the replies of a script until the block ends."""
    with running_server(_Handler) as server:
        there = VoiceServer(address_of(server))
        _Handler.scripts[server] = (there, script)
        yield there


class _Handler(BaseHTTPRequestHandler):
    scripts: ClassVar[dict[BaseServer, tuple[VoiceServer, Script]]] = {}

    def do_GET(self) -> None:
        self._answer()

    def do_POST(self) -> None:
        self._answer()

    def _answer(self) -> None:
        there, script = self.scripts[self.server]
        address = urlsplit(self.path)
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        query = {name: values[0] for name, values in parse_qs(address.query).items()}
        headers = {name.lower(): value for name, value in self.headers.items()}
        request = VoiceRequest(self.command, address.path, query, json.loads(content or b"null"), headers)
        there.requests.append(request)
        try:
            self._send(script(request, len(there.requests) - 1))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True

    def _send(self, reply: Reply) -> None:
        time.sleep(0 if reply.drip else reply.delay)
        self.send_response(reply.status)
        for name, value in reply.headers.items():
            self.send_header(name, value)
        if not reply.endless:
            self.send_header("content-length", str(len(reply.content)))
        self.end_headers()
        while reply.endless:
            self.wfile.write(reply.content)
        sent = reply.content[: len(reply.content) // 2] if reply.cut else reply.content
        size = max(1, -(-len(sent) // max(1, reply.drip)))
        for start in range(0, len(sent), size):
            time.sleep(reply.delay if reply.drip else 0)
            self.wfile.write(sent[start : start + size])
            self.wfile.flush()
        self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""
