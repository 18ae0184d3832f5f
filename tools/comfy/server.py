"""Ask a ComfyUI server to run a workflow: upload pictures, queue it, wait for it, and fetch what it made.

The pages of a book go to this machine alone, or to the server that the user names in KOMADORI_COMFY_URL: a profile that
somebody else wrote cannot send them anywhere.
"""

from __future__ import annotations

import hashlib
import ipaddress
import json
import os
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from storage.errors import BackendError, ServerError
from tools.comfy.workflow import Nodes
from tools.http_server import HttpServer

VARIABLE = "KOMADORI_COMFY_URL"
DEFAULT_URL = "http://127.0.0.1:8188"
MAX_OUTPUT_BYTES = 1_000_000_000
"""The size of one file that is fetched: a film without losses of a thousand small frames."""
_FIRST_WAIT, _LONGEST_WAIT = 0.1, 2.0
_KINDS = ("images", "gifs", "videos", "video")
"""The keys under which nodes list the files that they saved."""


@dataclass(frozen=True)
class OutputFile:
    """A file that a node of a workflow has saved at the server."""

    filename: str
    subfolder: str
    kind: str
    """Its folder there: "output" is meant to be kept, "temp" is a preview."""


class ComfyServer:
    """A ComfyUI server.

    Args:
        url: Its address; "" for the variable KOMADORI_COMFY_URL, and without it for this machine's usual port.
        seconds: Time for one workflow, from its place in the queue to its last file.

    Raises:
        BackendError: The address is of another machine, and the user's environment does not name it.
    """

    def __init__(self, url: str, seconds: float) -> None:
        named = os.environ.get(VARIABLE, "").strip().rstrip("/")
        address = url.rstrip("/") or named or DEFAULT_URL
        if address != named and not _is_loopback(urlsplit(address).hostname or ""):
            raise BackendError(
                f"{urlsplit(address).netloc or address} is not this machine: pages are not sent there",
                f"to allow it, set {VARIABLE}={address}",
            )
        self.url, self.seconds = address, seconds
        self._http = HttpServer(address, "a ComfyUI server", seconds=seconds, max_bytes=MAX_OUTPUT_BYTES)

    def upload(self, picture: bytes) -> str:
        """Upload a PNG, and return the name by which a node loads it. Equal pictures have one name.

        Raises:
            ServerError: The server does not take it.
        """
        name = f"komadori-{hashlib.sha256(picture).hexdigest()[:24]}.png"
        answer = self._json(
            self._http.post(
                "/upload/image", fields={"overwrite": "true"}, files={"image": (name, picture, "image/png")}
            )
        )
        if not isinstance(answer, dict) or not isinstance(answer.get("name"), str):
            raise self._broken("it does not say where it put a picture")
        return "/".join(filter(None, (str(answer.get("subfolder") or ""), answer["name"])))

    def run(self, nodes: Nodes, wanted: str = "") -> list[bytes]:
        """Run a workflow and return the files that it saved, in order.

        Args:
            nodes: The workflow, without placeholders.
            wanted: The id of the node whose files count; "" for all that save files.

        Raises:
            ServerError: The server refuses the workflow, fails in it, takes longer than `seconds`, or saves nothing.
        """
        deadline = time.monotonic() + self.seconds
        answer = self._json(self._http.post("/prompt", body={"prompt": nodes, "client_id": "komadori"}))
        ticket = answer.get("prompt_id") if isinstance(answer, dict) else None
        if not isinstance(ticket, str):
            raise self._broken("it does not number what it queues")
        with self._cancelled_on_error(ticket):
            outputs = self._wait(ticket, deadline)
        files = list(_saved_files(outputs, wanted))
        if not files:
            raise self._broken("the workflow saved no file")
        return [self._fetch(file) for file in files]

    def _wait(self, ticket: str, deadline: float) -> Mapping[str, Any]:
        """Return the outputs of a queued workflow, by node, as soon as it is done."""
        wait = _FIRST_WAIT
        while time.monotonic() < deadline:
            history = self._json(self._http.get(f"/history/{ticket}"))
            entry = history.get(ticket) if isinstance(history, dict) else None
            if isinstance(entry, dict):
                status = entry.get("status") or {}
                if status.get("status_str") == "error":
                    raise ServerError(
                        f"{self._http.host}: {_failure(status)}", "run the workflow in ComfyUI itself", reason="failed"
                    )
                outputs = entry.get("outputs")
                if isinstance(outputs, dict) and status.get("completed", True):
                    return outputs
            time.sleep(min(wait, max(0.0, deadline - time.monotonic())))
            wait = min(_LONGEST_WAIT, wait * 1.5)
        raise ServerError(
            f"{self._http.host} took longer than {self.seconds:g} s for a workflow", "raise the option seconds",
            reason="late",
        )  # fmt: skip

    @contextmanager
    def _cancelled_on_error(self, ticket: str) -> Iterator[None]:
        """Take a workflow out of the queue, or stop it, where nobody waits for it any more."""
        try:
            yield
        except BaseException:
            with suppress(ServerError):
                self._http.post("/queue", body={"delete": [ticket]})
                self._http.post("/interrupt", body={"prompt_id": ticket})
            raise

    def _fetch(self, file: OutputFile) -> bytes:
        query = {"filename": file.filename, "subfolder": file.subfolder, "type": file.kind}
        return self._http.get("/view", query=query)

    def _json(self, content: bytes) -> Any:
        try:
            return json.loads(content or b"null")
        except (ValueError, RecursionError):
            raise self._broken("what it sent is no JSON") from None

    def _broken(self, what: str) -> ServerError:
        return ServerError(f"{self._http.host}: {what}", "check that ComfyUI runs there", reason="broken")


def _saved_files(outputs: Mapping[str, Any], wanted: str) -> Iterator[OutputFile]:
    """Yield the files that nodes saved; previews only where nothing else was saved."""
    found = [
        OutputFile(str(entry["filename"]), str(entry.get("subfolder") or ""), str(entry.get("type") or "output"))
        for node, made in outputs.items()
        if wanted in ("", node) and isinstance(made, dict)
        for kind in _KINDS
        for entry in made.get(kind) or ()
        if isinstance(entry, dict) and isinstance(entry.get("filename"), str)
    ]
    yield from [file for file in found if file.kind == "output"] or found


def _failure(status: Mapping[str, Any]) -> str:
    """Return what a node said when it failed."""
    for message in status.get("messages") or ():
        if isinstance(message, list) and len(message) == 2 and message[0] == "execution_error":
            facts = message[1] if isinstance(message[1], dict) else {}
            return f"{facts.get('node_type', 'a node')} failed: {facts.get('exception_message', '')}".strip()
    return "the workflow failed"


def _is_loopback(host: str) -> bool:
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"
