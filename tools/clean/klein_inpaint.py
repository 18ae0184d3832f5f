"""Remove lettering and slivers, and complete a slanted panel to its box, with FLUX.2 [klein].

Weights: Apache-2.0 (the 4B model); about 13 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.clean import Cleaner
from tools.diffusion import inpainting
from tools.diffusion.inpainters.klein import Klein
from tools.diffusion.pipeline_backends import PipelineCleaner
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Guidance, Megapixels, Steps


@dataclass(eq=False, kw_only=True)
class Backend(PipelineCleaner):
    """Inpaint what is removed from a panel with FLUX.2 [klein]; all other pixels are those of the page."""

    version = 3
    pipeline_class = "Flux2KleinInpaintPipeline"

    model: str = "black-forest-labs/FLUX.2-klein-4B"
    steps: Steps = 4
    guidance: Guidance = 1.0
    megapixels: Megapixels = 1.0
    cache: Cache = "none"

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "taylor"))
        self.painter = painter = Klein(pipe, self.steps, self.guidance, self.megapixels)
        self.prompt_encoder = painter.prompt_encoder(inpainting.clean_prompt)


_CHECKED: type[Cleaner] = Backend
