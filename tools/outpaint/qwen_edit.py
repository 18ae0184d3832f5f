"""Continues a panel by Qwen-Image-Edit, which is told in words and looks at two references.

Weights: Apache-2.0; about 55 GB. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

from pydantic import Field

from tools.diffusion import painting
from tools.diffusion.caches import Cache, known
from tools.diffusion.methods.grid import on_sheet
from tools.diffusion.painters.qwen import QwenEdit
from tools.diffusion.pipes import Offload, Pipe
from tools.diffusion.weights import Weights
from tools.options import Candidates, Guidance, Megapixels, Precision, Steps
from tools.plates import Cutout, Image, Plate


class Backend:
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept.

    `grid` paints on one sheet with the references (NeRFiller), each of which then takes a share of the pixels.
    `blended` puts what is the artist's back at every step, so that paint and panel grow together; `resample` = 2,
    say, does so and goes through every stretch of steps twice more, so that they agree (RePaint; thrice the time).
    """

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "Qwen/Qwen-Image-Edit-2509",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 20,
        guidance: Guidance = 4.0,
        megapixels: Megapixels = 1.0,
        candidates: Candidates = 1,
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
        grid: bool = False,
        blended: bool = False,
        resample: Annotated[int, Field(ge=0, le=10)] = 0,
    ) -> None:
        pipe = Pipe(
            "QwenImageEditPlusPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None,
            cache=known(cache, "first_block", "taylor", never_with="resample" if resample else ""),
        )  # fmt: skip
        self.painter = QwenEdit(pipe, steps, guidance, megapixels, blended, resample)
        self.candidates, self.grid = candidates, grid

    @property
    def identity(self) -> str:
        """Which weights paint."""
        return self.painter.pipe.identity

    @property
    def awake(self) -> str:
        """What stands on the device while it paints."""
        return self.painter.pipe.name

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
        """Make the plate over `field`; see the promise in `tools/outpaint`. `fill` is for quiet grounds."""
        painter = on_sheet(self.painter, references, grid=self.grid)
        return painting.outpainted(
            painter, cutouts, field, prompt=prompt, references=references, seed=seed,
            candidates=self.candidates,
        )  # fmt: skip
