"""Run one workflow for one shot: upload its pictures, fill its placeholders, and return what it saved."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import cached_property
from pathlib import Path

import cv2

from tools import png
from tools.comfy.server import ComfyServer
from tools.comfy.workflow import Workflow, read_workflow
from tools.negative_prompt import split_prompt
from tools.pixels import as_image
from tools.plates import Image, Mask

REFERENCES = 4
"""The most references that a workflow can look at: %reference1% to %reference4%."""


class ComfyRunner:
    """A workflow file and the server that runs it. Making one reads and asks nothing.

    Args:
        path: The workflow's file.
        needs: Placeholders that it must have.
        url: The server's address, "" for the usual one.
        seconds: Time for one workflow.
        output: Title or id of the node whose files count; "" for every node that saves files.
    """

    def __init__(self, path: str, needs: tuple[str, ...], *, url: str, seconds: float, output: str) -> None:
        self._path, self._needs, self._output = Path(path), needs, output
        self._url, self._seconds = url, seconds

    @property
    def identity(self) -> str:
        """The hash of the workflow. Raises BackendError if it cannot be read."""
        return f"comfy {self._workflow.digest} {self._output}".strip()

    @property
    def uses_references(self) -> bool:
        """Whether the workflow looks at references. Raises BackendError if it cannot be read."""
        return "reference1" in self._workflow.names

    def run(
        self,
        picture: Image,
        mask: Mask | None,
        references: Sequence[Image],
        *,
        prompt: str,
        negative: str,
        numbers: Mapping[str, float],
    ) -> list[bytes]:
        """Run the workflow, and return the files that it saved.

        Args:
            picture: What it starts from, (h, w, 3) RGB uint8; `width` and `height` are its size.
            mask: White where it paints, (h, w) uint8; None for a workflow without a mask.
            references: Pictures whose look it keeps. Where there are fewer than it asks for, the last one takes their
                place, or `picture` where there is none.
            prompt: What is to be seen; what to avoid follows "Never: " and comes before `negative`.
            negative: What to avoid in every picture.
            numbers: Values of %seed%, %frames%, %rate% and %seconds%, as far as there are such.

        Raises:
            ServerError: The server cannot be reached, refuses the workflow, or fails in it.
            BackendError: The workflow cannot be read, or the pictures may not be sent to this server.
        """
        names = self._workflow.names
        positive, without = split_prompt(prompt)
        values: dict[str, str | float] = {
            "prompt": positive, "negative": ", ".join(filter(None, (without, negative))),
            "width": picture.shape[1], "height": picture.shape[0], **numbers,
        }  # fmt: skip
        pictures = {"picture": picture} | ({} if mask is None else {"mask": cv2.merge([mask, mask, mask])})
        shown = [*references[:REFERENCES]] or [picture]
        pictures |= {f"reference{place + 1}": shown[min(place, len(shown) - 1)] for place in range(REFERENCES)}
        values |= {
            name: self._server.upload(png.encode_png(as_image(pictures[name]))) for name in names & set(pictures)
        }
        wanted = self._workflow.node(self._output) if self._output else ""
        return self._server.run(self._workflow.fill(values), wanted)

    @cached_property
    def _workflow(self) -> Workflow:
        return read_workflow(self._path, needs=self._needs)

    @cached_property
    def _server(self) -> ComfyServer:
        return ComfyServer(self._url, self._seconds)
