"""Remove lettering and slivers, and complete a slanted panel to its box, with Z-Image.

Weights: Apache-2.0; about 14 GB, less with offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.clean import Cleaner
from tools.diffusion import inpainting
from tools.diffusion.inpainters.zimage import ZImage
from tools.diffusion.pipeline_backends import PipelineCleaner
from tools.options import Guidance, Megapixels, Steps


@dataclass(eq=False, kw_only=True)
class Backend(PipelineCleaner):
    """Inpaint what is removed from a panel with Z-Image; all other pixels are those of the page."""

    version = 1
    pipeline_class = "ZImageInpaintPipeline"

    model: str = "Tongyi-MAI/Z-Image-Turbo"
    steps: Steps = 8
    guidance: Guidance = 0.0
    megapixels: Megapixels = 1.0

    def __post_init__(self) -> None:
        pipe = self._new_pipe()
        self.painter = painter = ZImage(pipe, self.steps, self.guidance, self.megapixels)
        self.prompt_encoder = painter.prompt_encoder(inpainting.clean_prompt)


_CHECKED: type[Cleaner] = Backend
