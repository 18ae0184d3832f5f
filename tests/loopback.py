"""A real HTTP server on 127.0.0.1 that speaks the chat API, answers from a script, and records requests."""

from __future__ import annotations

import base64
import json
import re
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler
from socketserver import BaseServer
from typing import Any, ClassVar

import cv2
import numpy as np

from agents.llm.prompts import fill_prompt
from agents.llm.servers import RetryPolicy, Server
from tests.http_servers import address_of, running_server

QUICK = RetryPolicy(seconds=3.0, connect=2.0, tries=3, first_wait=0.01, longest_wait=2.0)


@dataclass(frozen=True)
class Said:
    """A scripted response: a message's `text`, or a bare `status` with `headers`, after `delay` seconds.

    `drip` sends the body in that many pieces, each after `delay`.
    """

    text: str = ""
    status: int = 200
    headers: Mapping[str, str] = field(default_factory=dict)
    finish: str = "stop"
    refusal: str | None = None
    read: int | None = 900
    written: int = 100
    raw: bytes | None = None
    delay: float = 0.0
    drip: int = 0


@dataclass
class Asked:
    """One recorded request."""

    path: str
    body: dict[str, Any]
    headers: dict[str, str]
    at: float

    @property
    def form(self) -> str:
        """The kind of answer requested: json_schema, json_object or text."""
        return str(self.body.get("response_format", {"type": "text"})["type"])

    @property
    def name(self) -> str:
        """The name of the requested answer, where a schema was sent along."""
        return str(self.body.get("response_format", {}).get("json_schema", {}).get("name", ""))

    @property
    def words(self) -> str:
        """All text sent to the model."""
        return "\n".join(part["text"] for part in self._parts() if part["type"] == "text")

    @property
    def pictures(self) -> list[np.ndarray]:
        """The pictures sent to the model, RGB."""
        urls = [part["image_url"]["url"] for part in self._parts() if part["type"] == "image_url"]
        coded = [np.frombuffer(base64.b64decode(url.partition(",")[2]), np.uint8) for url in urls]
        return [np.asarray(cv2.cvtColor(cv2.imdecode(one, cv2.IMREAD_COLOR), cv2.COLOR_BGR2RGB)) for one in coded]  # type: ignore[arg-type]

    @property
    def is_probe(self) -> bool:
        """Whether it asks what the model sees in a test picture."""
        return fill_prompt("doctor").text in self.words

    def data(self) -> list[dict[str, Any]]:
        """The rows of data quoted to the model."""
        blocks = re.findall(r"^<data (\w+)>\n(.*?)\n</data \1>$", self.words, re.DOTALL | re.MULTILINE)
        return [json.loads(line) for _, block in blocks for line in block.splitlines()]

    def _parts(self) -> Iterator[dict[str, Any]]:
        for message in self.body["messages"]:
            content = message["content"]
            yield from [{"type": "text", "text": content}] if isinstance(content, str) else content


Script = Callable[[Asked, int], Said]
"""A request and its number, from 0, in; what is sent out."""


@dataclass
class Loopback:
    """The running server.

    `probes` are the questions whether its model sees pictures. They are answered by a real look at the picture, cost
    nothing, and do not count among those `asked`, unless the script is to answer them.
    """

    url: str
    asked: list[Asked] = field(default_factory=list)
    probes: list[Asked] = field(default_factory=list)

    def server(self, patience: RetryPolicy = QUICK, model: str = "scripted") -> Server:
        """Return the settings with which a client reaches this server."""
        return Server(model, self.url, "sk-secret", patience)


def always(said: Said | str) -> Script:
    """Return a script that gives the same response every time."""
    return lambda asked, number: Said(said) if isinstance(said, str) else said


def in_turn(*said: Said | str) -> Script:
    """Return a script that gives the responses one after the other, and the last one from then on."""
    script = [Said(one) if isinstance(one, str) else one for one in said]
    return lambda asked, number: script[min(number, len(script) - 1)]


def look_at_discs(asked: Asked, number: int) -> Said:
    """Describe the discs in the picture of a probe by looking at it."""
    (picture,) = asked.pictures or (np.full((9, 9, 3), 99, np.uint8),)
    ground = int(picture[0, 0, 0])
    is_disc = (np.abs(picture.astype(int) - picture[0, 0]).max(axis=2) > 60).astype(np.uint8)
    count = cv2.connectedComponents(is_disc)[0] - 1
    red, green, blue = picture[is_disc > 0].mean(axis=0) if count else (0, 0, 0)
    colour = ("yellow" if red > 128 else "green") if green > 1.5 * blue else "none"
    answer = {"discs": count, "colour": colour, "ground": {255: "white", 0: "black"}.get(ground, "other")}
    return Said(json.dumps(answer), read=0, written=0)


NO_PICTURES = "image input is not supported"


def text_only(script: Script, status: int = 500) -> Script:
    """Return a script that refuses every question with a picture, as servers of text-only models do."""

    def refuse_pictures(asked: Asked, number: int) -> Said:
        return Said(NO_PICTURES, status=status) if asked.pictures else script(asked, number)

    return refuse_pictures


def serving_text_only(script: Script, status: int = 500) -> AbstractContextManager[Loopback]:
    """Serve a model that takes only text; questions with pictures get `status`."""
    return serving(text_only(script, status), probe=text_only(look_at_discs, status))


@contextmanager
def serving(script: Script, *, probe: Script | None = look_at_discs) -> Iterator[Loopback]:
    """Serve the responses of `script` until the block ends; `probe` answers the questions whether the model sees.

    Without `probe`, the script answers these too.
    """
    with running_server(_Handler) as server:
        there = Loopback(f"{address_of(server)}/v1")
        _Handler.shown[server] = (there, script, probe)
        yield there


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    shown: ClassVar[dict[BaseServer, tuple[Loopback, Script, Script | None]]] = {}
    lock: ClassVar[threading.Lock] = threading.Lock()

    def do_POST(self) -> None:
        there, script, probe = self.shown[self.server]
        body = json.loads(self.rfile.read(int(self.headers["content-length"])))
        asked = Asked(self.path, body, {key.lower(): value for key, value in self.headers.items()}, time.monotonic())
        requests = there.asked
        if probe is not None and asked.is_probe:
            requests, script = there.probes, probe
        with self.lock:
            number = len(requests)
            requests.append(asked)
        try:
            self.send(script(asked, number))
        except (BrokenPipeError, ConnectionResetError):
            self.close_connection = True  # whoever asked has gone

    def send(self, said: Said) -> None:
        sent = body_of(said)
        time.sleep(0 if said.drip else said.delay)
        self.send_response(said.status)
        for name, value in {"content-type": "application/json", "content-length": len(sent), **said.headers}.items():
            self.send_header(name, str(value))
        self.end_headers()
        size = max(1, -(-len(sent) // max(1, said.drip)))
        for start in range(0, len(sent), size):
            time.sleep(said.delay if said.drip else 0)
            self.wfile.write(sent[start : start + size])

    def log_message(self, format: str, *args: Any) -> None:
        """Write no log."""


def body_of(said: Said) -> bytes:
    """Return the bytes of a response."""
    if said.raw is not None:
        return said.raw
    if said.status != 200:
        return json.dumps({"error": {"message": said.text or f"status {said.status}", "type": "error"}}).encode()
    message = {"role": "assistant", "content": said.text, "refusal": said.refusal}
    usage = None if said.read is None else {
        "prompt_tokens": said.read, "completion_tokens": said.written, "total_tokens": said.read + said.written,
    }  # fmt: skip
    choice = {"index": 0, "message": message, "finish_reason": said.finish}
    found = {
        "id": "1",
        "object": "chat.completion",
        "created": 0,
        "model": "scripted",
        "choices": [choice],
        "usage": usage,
    }
    return json.dumps(found).encode()
