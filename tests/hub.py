"""A real HTTP server on 127.0.0.1 with the part of the Hugging Face Hub API that downloading weights needs."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer
from typing import Any, ClassVar

from tests.http_servers import address_of, running_server

COMMIT = "0123456789abcdef0123456789abcdef01234567"
_RESOLVE = re.compile(r"/([^/]+/[^/]+)/resolve/[^/]+/(.+)")
_API = re.compile(r"/api/models/([^/]+/[^/?]+)(?:/(revision|tree)/([^/?]+))?")


@dataclass
class Hub:
    """The server while it runs: `models` are files by name."""

    url: str
    models: Mapping[str, Mapping[str, bytes]]
    gated: frozenset[str] = frozenset()
    broken: frozenset[str] = frozenset()
    """Files whose connection breaks half-way, every time."""
    asked: list[tuple[str, str, str]] = field(default_factory=list)
    """Method, path and Range of every request."""

    def fetched(self) -> list[str]:
        """Return the files whose content was requested."""
        found = [_RESOLVE.match(path) for method, path, _ in self.asked if method == "GET"]
        return [match[2] for match in found if match]


@contextmanager
def serving(models: Mapping[str, Mapping[str, bytes]], *, gated: frozenset[str] = frozenset()) -> Iterator[Hub]:
    """Run the server until the block ends."""
    with running_server(_Handler) as server:
        hub = Hub(address_of(server), models, gated)
        _Handler.hubs[server] = hub
        yield hub


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hubs: ClassVar[dict[BaseServer, Hub]] = {}

    def do_HEAD(self) -> None:
        self.answer(body=False)

    def do_GET(self) -> None:
        self.answer(body=True)

    def answer(self, *, body: bool) -> None:
        hub, path = self.hubs[self.server], self.path.partition("?")[0]
        hub.asked.append((self.command, path, self.headers.get("Range", "")))
        if found := _API.fullmatch(path):
            self.send_info(hub, found[1], found[2], body=body)
        elif (found := _RESOLVE.fullmatch(path)) and found[2] in hub.models.get(found[1], {}):
            self.send_file(hub, found[2], hub.models[found[1]][found[2]], body=body)
        else:
            self.send(404, {"X-Error-Code": "EntryNotFound"}, b"{}", body=body)

    def send_info(self, hub: Hub, model: str, what: str | None, *, body: bool) -> None:
        if model in hub.gated:
            self.send(403, {"X-Error-Code": "GatedRepo"}, b"{}", body=body)
        elif model not in hub.models:
            self.send(404, {"X-Error-Code": "RepoNotFound"}, b"{}", body=body)
        else:
            files = hub.models[model]
            tree = [{"type": "file", "path": name, "size": len(data), "oid": oid(data)} for name, data in files.items()]
            siblings = [{"rfilename": name, "size": len(data), "blobId": oid(data)} for name, data in files.items()]
            info = {"id": model, "modelId": model, "sha": COMMIT, "siblings": siblings, "tags": [], "private": False,
                    "downloads": 0, "likes": 0, "cardData": {"license": "apache-2.0"}}  # fmt: skip
            content: Any = tree if what == "tree" else info
            self.send(200, {"Content-Type": "application/json"}, json.dumps(content).encode(), body=body)

    def send_file(self, hub: Hub, name: str, data: bytes, *, body: bool) -> None:
        start = int((re.match(r"bytes=(\d+)-", self.headers.get("Range", "")) or ["", "0"])[1])
        headers = {"ETag": f'"{oid(data)}"', "X-Repo-Commit": COMMIT, "Accept-Ranges": "bytes"}
        if start:
            headers["Content-Range"] = f"bytes {start}-{len(data) - 1}/{len(data)}"
        stop = len(data[start:]) // 2 if name in hub.broken else None
        self.send(206 if start else 200, headers, data[start:], body=body, stop=stop)

    def send(self, status: int, headers: dict[str, str], data: bytes, *, body: bool, stop: int | None = None) -> None:
        self.send_response(status)
        for key, value in {"Content-Length": str(len(data)), **headers}.items():
            self.send_header(key, value)
        self.end_headers()
        if body:
            self.wfile.write(data[:stop])
        if stop is not None:
            self.close_connection = True

    def log_message(self, format: str, *args: Any) -> None:
        """Log nothing."""


def oid(data: bytes) -> str:
    """Return the hub's object id of a file."""
    return hashlib.sha1(data, usedforsecurity=False).hexdigest()
