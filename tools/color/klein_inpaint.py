"""Colour grey panels with FLUX.2 [klein], which edits what it sees after the pictures beside it.

Weights: Apache-2.0 (the 4B model); about 13 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.color import Colorist
from tools.diffusion import inpainting
from tools.diffusion.inpainters.klein import Klein
from tools.diffusion.pipeline_backends import PipelineColorist
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Guidance, Megapixels, Steps


@dataclass(eq=False, kw_only=True)
class Backend(PipelineColorist):
    """Colour grey panels with FLUX.2 [klein]."""

    version = 1
    pipeline_class = "Flux2KleinInpaintPipeline"

    model: str = "black-forest-labs/FLUX.2-klein-4B"
    steps: Steps = 4
    guidance: Guidance = 1.0
    megapixels: Megapixels = 1.0
    cache: Cache = "none"

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "taylor"))
        self.painter = painter = Klein(pipe, self.steps, self.guidance, self.megapixels, edits=True)
        self.prompt_encoder = painter.prompt_encoder(inpainting.color_prompt)


_CHECKED: type[Colorist] = Backend
