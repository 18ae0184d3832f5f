"""Change a panel with Z-Image: it is noised in part and denoised towards the prompt (SDEdit, Meng et al. 2021).

The prompt describes the picture and gives no order: "her eyes are closed". Weights: Apache-2.0; about 14 GB, less
with offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.diffusion import inpainting
from tools.diffusion.inpainters.zimage import ZImage
from tools.diffusion.pipeline_backends import PipelineRedrawer
from tools.options import Guidance, Megapixels, Steps
from tools.redraw import Redrawer


@dataclass(eq=False, kw_only=True)
class Backend(PipelineRedrawer):
    """Change a panel with Z-Image.

    Attributes:
        strength: Share of the noise at which denoising begins: .3 finishes rough lines, .9 keeps little of the drawing.
    """

    version = 1
    pipeline_class = "ZImageInpaintPipeline"

    model: str = "Tongyi-MAI/Z-Image-Turbo"
    steps: Steps = 8
    guidance: Guidance = 0.0
    megapixels: Megapixels = 1.0
    strength: Annotated[float, Field(gt=0, lt=1)] = 0.6

    def __post_init__(self) -> None:
        pipe = self._new_pipe()
        self.painter = painter = ZImage(pipe, self.steps, self.guidance, self.megapixels, strength=self.strength)
        self.prompt_encoder = painter.prompt_encoder(inpainting.redraw_prompt)


_CHECKED: type[Redrawer] = Backend
