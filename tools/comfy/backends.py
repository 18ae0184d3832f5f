"""Options and identity of the backends that run a workflow of a ComfyUI server.

A backend is a dataclass: its options are its fields. Nothing is read or asked before it runs.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Annotated, ClassVar

import cv2
from pydantic import Field

from tools.comfy.runner import ComfyRunner
from tools.diffusion.pipelines import size_bucket
from tools.options import Megapixels
from tools.pixels import as_image
from tools.plates import Image

SideMultiple = Annotated[int, Field(ge=1, le=128)]
"""Pixels of which both sides of a picture are multiples."""
WorkflowSeconds = Annotated[float, Field(gt=0, le=86_400)]


@dataclass(eq=False, kw_only=True)
class ComfyBackend:
    """A backend that runs one workflow.

    Attributes:
        workflow: The file of the workflow.
        url: The server's address on this machine, "" for KOMADORI_COMFY_URL or http://127.0.0.1:8188.
        output: Title or id of the node whose files count; "" for every node that saves files.
        seconds: Time for one shot.
        megapixels: Area of the picture that is sent, in millions of pixels; %width% and %height% are its size.
        multiple: Both sides of that picture are multiples of this many pixels.
    """

    generates = True
    shared = True
    placeholders: ClassVar[tuple[str, ...]] = ("picture",)
    """Placeholders that the workflow must have."""

    workflow: str
    url: str = ""
    output: str = ""
    seconds: WorkflowSeconds
    megapixels: Megapixels
    multiple: SideMultiple = 16

    @property
    def identity(self) -> str:
        """The hash of the workflow. Raises BackendError if it cannot be read."""
        return self._runner.identity

    @property
    def looks(self) -> bool:
        """Whether the workflow looks at references. Raises BackendError if it cannot be read."""
        return self._runner.uses_references

    @cached_property
    def _runner(self) -> ComfyRunner:
        """The workflow and its server."""
        return ComfyRunner(
            self.workflow, self.placeholders, url=self.url, seconds=self.seconds, output=self.output
        )  # fmt: skip

    def _fit(self, picture: Image, interpolation: int | None = None) -> Image:
        """Scale a picture or a mask to the size at which it is sent; pictures are averaged or smoothed by default."""
        height, width = picture.shape[:2]
        size = size_bucket(width, height, megapixels=self.megapixels, multiple=self.multiple)
        if interpolation is None:
            interpolation = cv2.INTER_AREA if size[0] * size[1] < width * height else cv2.INTER_CUBIC
        return as_image(cv2.resize(picture, size, interpolation=interpolation))
