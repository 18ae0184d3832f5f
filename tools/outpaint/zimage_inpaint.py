"""Outpaint a panel with Z-Image, which takes no references and is small and fast.

Weights: Apache-2.0; about 14 GB, less with offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.diffusion import inpainting
from tools.diffusion.inpainters.zimage import ZImage
from tools.diffusion.pipeline_backends import PipelineOutpainter
from tools.options import Guidance, Megapixels, Steps
from tools.outpaint import Outpainter


@dataclass(eq=False, kw_only=True)
class Backend(PipelineOutpainter):
    """Outpaint a panel with Z-Image."""

    version = 1
    pipeline_class = "ZImageInpaintPipeline"

    model: str = "Tongyi-MAI/Z-Image-Turbo"
    steps: Steps = 8
    guidance: Guidance = 0.0
    megapixels: Megapixels = 1.0

    def __post_init__(self) -> None:
        pipe = self._new_pipe()
        self.painter = painter = ZImage(pipe, self.steps, self.guidance, self.megapixels)
        self.prompt_encoder = painter.prompt_encoder(inpainting.outpaint_prompt)


_CHECKED: type[Outpainter] = Backend
