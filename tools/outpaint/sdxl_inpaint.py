"""Outpaint a panel with SDXL inpainting, with reference images through an IP-Adapter.

Weights: OpenRAIL++-M; about 8 GB, half with offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from tools.diffusion import dift, inpainting
from tools.diffusion.inpainters import Painter
from tools.diffusion.inpainters.sdxl import Sdxl
from tools.diffusion.inpainting import Rank
from tools.diffusion.methods.reference_grid import on_sheet
from tools.diffusion.methods.shared_attention import Mode
from tools.diffusion.pipeline_backends import PipelineOutpainter
from tools.diffusion.weights import Weights
from tools.options import Guidance, Megapixels, Safetensors, Steps, Weight
from tools.outpaint import Outpainter
from tools.plates import Image


@dataclass(eq=False, kw_only=True)
class Backend(PipelineOutpainter):
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept.

    `adapter` names an IP-Adapter (a folder within it may follow after a colon) and `adapter_file` its weights;
    without one references are looked at only by `share` or `grid`. `reference_scale` is how much they weigh (0..1).

    Methods that need no training, off unless named: `share` = story, masa or first lets the paint look at the first
    reference (StoryDiffusion, MasaCtrl, Text2Video-Zero); `grid` paints on one sheet with the references (NeRFiller),
    and `shuffle` does so with cells that change places at every step (RAVE);
    `blended` puts what is the artist's back at every step (Blended Diffusion); `resample` = 2, say, does so and goes
    through every stretch of steps twice more, so that paint and panel agree (RePaint; thrice the time); `lowpass` = 4,
    say, takes its large tones from the quiet continuation (ILVR). `rank` = features or dift says how candidates are
    compared.
    """

    version = 1
    pipeline_class = "StableDiffusionXLInpaintPipeline"

    model: str = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1"
    steps: Steps = 25
    guidance: Guidance = 6.0
    megapixels: Megapixels = 0.8
    shuffle: bool = False
    adapter: str = ""
    adapter_file: Safetensors = "ip-adapter_sdxl.safetensors"
    reference_scale: Weight = 0.6
    share: Mode = ""
    blended: bool = False
    lowpass: Annotated[int, Field(ge=0, le=64)] = 0
    resample: Annotated[int, Field(ge=0, le=10)] = 0
    rank: Literal["features", "dift"] = "features"

    def __post_init__(self) -> None:
        looks = Weights(self.adapter) if self.adapter else None
        pipe = self._new_pipe(adapters=(("ip", looks),) if looks else ())
        self.painter = painter = Sdxl(
            pipe, self.steps, self.guidance, self.megapixels, looks, self.adapter_file, self.reference_scale,
            self.share, self.blended, self.lowpass, self.resample,
        )  # fmt: skip
        # to rank by DIFT asks the encoder again
        self.prompt_encoder = None if self.rank == "dift" else painter.prompt_encoder(inpainting.outpaint_prompt)

    def _painter_beside(self, references: Sequence[Image]) -> Painter:
        return on_sheet(self.painter, references, grid=self.grid or self.shuffle, shuffle=self.shuffle)

    def _ranking(self) -> Rank:
        return partial(dift.dift_score, self.painter) if self.rank == "dift" else super()._ranking()


_CHECKED: type[Outpainter] = Backend
