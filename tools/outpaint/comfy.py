"""Outpaint a panel by a workflow of a ComfyUI server of your own.

The workflow is a file in ComfyUI's API format with the placeholders %picture% and %mask% (docs/drawing.md). The
licences of the weights that it names are yours to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import cv2
from pydantic import Field

from tools.comfy.outputs import decode_picture
from tools.comfy.runner import ComfyRunner
from tools.cutouts.backgrounds import cutout_mask, extend_background
from tools.diffusion.inpainting import blend_in, outpaint_prompt
from tools.diffusion.pipelines import size_bucket
from tools.options import Megapixels
from tools.outpaint import Outpainter
from tools.pixels import as_image
from tools.plates import Cutout, Image, Plate

NEGATIVE_PROMPT = "text, watermark, signature, frame, border"


class Backend:
    """Outpaint a panel by a workflow.

    Args:
        workflow: The file of the workflow; it uses at least %picture% and %mask%, which is white where it paints.
        url: The server's address on this machine, "" for KOMADORI_COMFY_URL or http://127.0.0.1:8188.
        output: Title or id of the node whose picture counts; "" for every node that saves pictures.
        seconds: Time for one shot.
        megapixels: Area of the picture that is sent, in millions of pixels; %width% and %height% are its size.
        multiple: Both sides of that picture are multiples of this many pixels.
    """

    version = 1
    generates = True
    shared = True

    def __init__(
        self,
        *,
        workflow: str,
        url: str = "",
        output: str = "",
        seconds: Annotated[float, Field(gt=0, le=86_400)] = 600.0,
        megapixels: Megapixels = 1.0,
        multiple: Annotated[int, Field(ge=1, le=128)] = 16,
    ) -> None:
        self._runner = ComfyRunner(workflow, ("picture", "mask"), url=url, seconds=seconds, output=output)
        self._megapixels, self._multiple = megapixels, multiple

    @property
    def identity(self) -> str:
        """The hash of the workflow. Raises BackendError if it cannot be read."""
        return self._runner.identity

    @property
    def looks(self) -> bool:
        """Whether the workflow looks at references. Raises BackendError if it cannot be read."""
        return self._runner.uses_references

    def outpaint(
        self,
        cutouts: Sequence[Cutout],
        field: tuple[float, float, float, float],
        *,
        revealed: int,
        fill: str,
        prompt: str,
        references: Sequence[Image],
        seed: int,
    ) -> Plate:
        """Make the plate over `field`; see the protocol in `tools/outpaint`. `fill` and `revealed` are ignored."""
        background = extend_background(cutouts, field, revealed=len(cutouts), fill="tone")
        mask = as_image(255 - cutout_mask(cutouts, background.box))
        if not mask.any():
            return background
        size = size_bucket(
            mask.shape[1], mask.shape[0], megapixels=self._megapixels, multiple=self._multiple
        )  # fmt: skip
        files = self._runner.run(
            as_image(cv2.resize(background.pixels, size, interpolation=cv2.INTER_AREA)),
            as_image(cv2.resize(mask, size, interpolation=cv2.INTER_NEAREST)), references,
            prompt=outpaint_prompt(prompt), negative=NEGATIVE_PROMPT, numbers={"seed": seed},
        )  # fmt: skip
        return Plate(blend_in(background.pixels, decode_picture(files), mask), background.box, background.original)


_CHECKED: type[Outpainter] = Backend
