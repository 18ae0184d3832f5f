"""A real HTTP server on 127.0.0.1 that speaks the API of ComfyUI: uploads, a queue, a history and files to view."""

from __future__ import annotations

import io
import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from http.server import BaseHTTPRequestHandler
from pathlib import Path
from socketserver import BaseServer
from typing import Any, ClassVar
from urllib.parse import parse_qs, urlsplit

import numpy as np
import PIL.Image

from tests.http_servers import address_of, running_server
from tools.plates import Image


@dataclass
class ComfyThere:
    """The running server, and what it was asked."""

    url: str
    uploads: dict[str, Image] = field(default_factory=dict)
    queued: list[dict[str, Any]] = field(default_factory=list)
    files: dict[str, bytes] = field(default_factory=dict)
    cancelled: list[str] = field(default_factory=list)
    paths: list[str] = field(default_factory=list)
    polls: int = 0
    """How often the history is empty before the work is done."""
    history: dict[str, dict[str, Any]] = field(default_factory=dict)
    folder: Path = Path()
    """A folder for files that are written on the way."""

    def save(self, name: str, content: bytes, kind: str = "output") -> dict[str, str]:
        """Keep a file, and return how the history names it."""
        self.files[name] = content
        return {"filename": name, "subfolder": "komadori", "type": kind}


Work = Callable[[ComfyThere, dict[str, Any]], dict[str, Any]]
"""Takes the server and the nodes of a workflow, and returns an entry of the history."""


def png_bytes(picture: Image) -> bytes:
    """Return a picture as PNG."""
    written = io.BytesIO()
    PIL.Image.fromarray(picture).save(written, "PNG")
    return written.getvalue()


@contextmanager
def comfy_server(work: Work, *, polls: int = 1) -> Iterator[ComfyThere]:
    """Serve until the block ends; `work` takes the server and the nodes, and returns an entry of the history."""
    with running_server(_Handler) as server:
        there = ComfyThere(address_of(server), polls=polls)
        _Handler.servers[server] = (there, work)
        yield there


class _Handler(BaseHTTPRequestHandler):
    servers: ClassVar[dict[BaseServer, tuple[ComfyThere, Work]]] = {}

    def do_GET(self) -> None:
        there, _ = self.servers[self.server]
        address = urlsplit(self.path)
        there.paths.append(address.path)
        if address.path.startswith("/history/"):
            ticket = address.path.rpartition("/")[2]
            there.polls -= 1
            self._send({ticket: there.history[ticket]} if there.polls < 0 and ticket in there.history else {})
        elif address.path == "/view":
            query = parse_qs(address.query)
            content = there.files.get(query["filename"][0])
            if content is None or query["subfolder"] != ["komadori"]:
                self._send({"error": "no such file"}, 404)
            else:
                self._send(content)
        else:
            self._send({}, 404)

    def do_POST(self) -> None:
        there, work = self.servers[self.server]
        there.paths.append(self.path)
        content = self.rfile.read(int(self.headers.get("content-length") or 0))
        if self.path == "/upload/image":
            self._upload(there, content)
            return
        body = json.loads(content)
        if self.path == "/prompt":
            nodes = body["prompt"]
            unknown = [name for name, node in nodes.items() if node["class_type"] == "NoSuchNode"]
            if unknown:
                self._send({"error": {"message": "Cannot execute"}, "node_errors": {unknown[0]: {}}}, 400)
                return
            there.queued.append(nodes)
            ticket = f"ticket-{len(there.queued)}"
            there.history[ticket] = work(there, nodes)
            self._send({"prompt_id": ticket, "number": len(there.queued), "node_errors": {}})
        else:
            there.cancelled.append(str(body.get("delete") or body.get("prompt_id")))
            self._send(b"")

    def _upload(self, there: ComfyThere, content: bytes) -> None:
        head = f"Content-Type: {self.headers['content-type']}\r\n\r\n".encode()
        parts = {
            part.get_param("name", header="content-disposition"): part
            for part in BytesParser(policy=HTTP).parsebytes(head + content).iter_parts()
        }
        image = parts["image"]
        name = str(image.get_filename())
        data = image.get_payload(decode=True)
        assert isinstance(data, bytes)
        there.uploads[name] = np.array(PIL.Image.open(io.BytesIO(data)).convert("RGB"))
        self._send({"name": name, "subfolder": "", "type": "input"})

    def _send(self, answer: object, status: int = 200) -> None:
        content = answer if isinstance(answer, bytes) else json.dumps(answer).encode()
        self.send_response(status)
        self.send_header("content-length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""
