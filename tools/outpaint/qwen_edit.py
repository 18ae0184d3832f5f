"""Outpaint a panel with Qwen-Image-Edit, which follows an instruction and takes up to two reference images.

Weights: Apache-2.0; about 55 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.diffusion.inpainters.qwen import QwenEdit, QwenMegapixels
from tools.diffusion.pipeline_backends import PipelineOutpainter
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Candidates, Guidance, Shift, Steps
from tools.outpaint import Outpainter


@dataclass(eq=False, kw_only=True)
class Backend(PipelineOutpainter):
    """Outpaint a panel with Qwen-Image-Edit.

    Attributes:
        cache: A step cache; not with `resample`.
        shift: Shift of the scheduler; None for that of the model's own files.
        blended: Whether the artist's pixels are put back at every step, so that both parts develop together.
        resample: How many more times every stretch of steps is repeated, so that both parts agree (RePaint); 2 takes
            three times as long. It blends as `blended` does.
    """

    version = 3
    pipeline_class = "QwenImageEditPlusPipeline"

    model: str = "Qwen/Qwen-Image-Edit-2511"
    steps: Steps = 20
    guidance: Guidance = 4.0
    shift: Shift | None = None
    megapixels: QwenMegapixels = 1.0
    candidates: Candidates = 1
    cache: Cache = "none"
    blended: bool = False
    resample: Annotated[int, Field(ge=0, le=10)] = 0

    def __post_init__(self) -> None:
        cache = check_cache(self.cache, "first_block", "taylor", never_with="resample" if self.resample else "")
        self.painter = QwenEdit(
            self._new_pipe(cache=cache), self.steps, self.guidance, self.megapixels, self.blended, self.resample,
            shift=self.shift,
        )  # fmt: skip


_CHECKED: type[Outpainter] = Backend
