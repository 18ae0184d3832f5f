"""Outpaint a panel by a workflow of a ComfyUI server of your own.

The workflow is a file in ComfyUI's API format with the placeholders %picture% and %mask% (docs/drawing.md). The
licences of the weights that it names are yours to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2

from tools.comfy.backends import ComfyBackend, WorkflowSeconds
from tools.comfy.outputs import decode_picture
from tools.cutouts.backgrounds import cutout_mask, extend_background
from tools.diffusion.inpainting import blend_in, outpaint_prompt
from tools.options import Megapixels
from tools.outpaint import Outpainter
from tools.pixels import as_image
from tools.plates import Cutout, Image, Plate

NEGATIVE_PROMPT = "text, watermark, signature, frame, border"


@dataclass(eq=False, kw_only=True)
class Backend(ComfyBackend):
    """Outpaint a panel by a workflow, which uses at least %picture% and %mask%: white where it paints."""

    version = 1
    placeholders = ("picture", "mask")

    seconds: WorkflowSeconds = 600.0
    megapixels: Megapixels = 1.0

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
        files = self._runner.run(
            self._fit(background.pixels, cv2.INTER_AREA), self._fit(mask, cv2.INTER_NEAREST), references,
            prompt=outpaint_prompt(prompt), negative=NEGATIVE_PROMPT, numbers={"seed": seed},
        )  # fmt: skip
        return Plate(blend_in(background.pixels, decode_picture(files), mask), background.box, background.original)


_CHECKED: type[Outpainter] = Backend
