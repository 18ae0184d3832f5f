"""Outpaint a panel with Qwen-Image-Edit, which follows an instruction and takes up to two reference images.

Weights: Apache-2.0; about 55 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.diffusion.inpainters.qwen import QwenEdit
from tools.diffusion.pipeline_backends import PipelineOutpainter
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Candidates, Guidance, Megapixels, Steps
from tools.outpaint import Outpainter


@dataclass(eq=False, kw_only=True)
class Backend(PipelineOutpainter):
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept.

    `grid` paints on one sheet with the references (NeRFiller), each of which then takes a share of the pixels.
    `blended` puts what is the artist's back at every step, so that paint and panel grow together; `resample` = 2,
    say, does so and goes through every stretch of steps twice more, so that they agree (RePaint; thrice the time).
    """

    version = 1
    pipeline_class = "QwenImageEditPlusPipeline"

    model: str = "Qwen/Qwen-Image-Edit-2509"
    steps: Steps = 20
    guidance: Guidance = 4.0
    megapixels: Megapixels = 1.0
    candidates: Candidates = 1
    cache: Cache = "none"
    blended: bool = False
    resample: Annotated[int, Field(ge=0, le=10)] = 0

    def __post_init__(self) -> None:
        cache = check_cache(self.cache, "first_block", "taylor", never_with="resample" if self.resample else "")
        self.painter = QwenEdit(
            self._new_pipe(cache=cache), self.steps, self.guidance, self.megapixels, self.blended, self.resample
        )


_CHECKED: type[Outpainter] = Backend
