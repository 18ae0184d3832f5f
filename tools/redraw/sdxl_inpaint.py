"""Change a panel with SDXL: it is noised in part and denoised towards the prompt (SDEdit, Meng et al. 2021).

The prompt describes the picture and gives no order: "her eyes are closed". Weights: OpenRAIL++-M; about 8 GB, half with
offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.diffusion import inpainting
from tools.diffusion.inpainters.sdxl import Sdxl
from tools.diffusion.pipeline_backends import PipelineRedrawer
from tools.options import Guidance, Megapixels, Steps
from tools.redraw import Redrawer


@dataclass(eq=False, kw_only=True)
class Backend(PipelineRedrawer):
    """Change a panel with SDXL.

    Attributes:
        strength: Share of the noise at which denoising begins: .3 finishes rough lines, .9 keeps little of the drawing.
    """

    version = 1
    pipeline_class = "StableDiffusionXLInpaintPipeline"

    model: str = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1"
    steps: Steps = 25
    guidance: Guidance = 6.0
    megapixels: Megapixels = 0.8
    strength: Annotated[float, Field(gt=0, lt=1)] = 0.6

    def __post_init__(self) -> None:
        pipe = self._new_pipe()
        self.painter = painter = Sdxl(pipe, self.steps, self.guidance, self.megapixels, strength=self.strength)
        self.prompt_encoder = painter.prompt_encoder(inpainting.redraw_prompt)


_CHECKED: type[Redrawer] = Backend
