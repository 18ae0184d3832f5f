"""Remove lettering and slivers, and complete a slanted panel to its box, with SDXL inpainting.

Weights: OpenRAIL++-M; about 8 GB, half with offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.clean import Cleaner
from tools.diffusion import inpainting
from tools.diffusion.embeddings import parse_embeddings
from tools.diffusion.inpainters.sdxl import Sdxl
from tools.diffusion.pipeline_backends import PipelineCleaner
from tools.diffusion.sdxl_backends import SdxlBackend


@dataclass(eq=False, kw_only=True)
class Backend(SdxlBackend, PipelineCleaner):
    """Inpaint what is removed from a panel with SDXL; all other pixels are those of the page."""

    version = 3

    def __post_init__(self) -> None:
        self.painter = painter = Sdxl(
            self._new_pipe(), self.steps, self.guidance, self.megapixels,
            embeddings=parse_embeddings(self.embeddings),
        )  # fmt: skip
        self.prompt_encoder = painter.prompt_encoder(inpainting.clean_prompt)


_CHECKED: type[Cleaner] = Backend
