"""Colour grey panels with Qwen-Image-Edit, which looks at two pictures of their characters.

Weights: Apache-2.0; about 55 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.color import Colorist
from tools.diffusion.inpainters.qwen import QwenEdit, QwenMegapixels
from tools.diffusion.pipeline_backends import PipelineColorist
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Guidance, Shift, Steps


@dataclass(eq=False, kw_only=True)
class Backend(PipelineColorist):
    """Colour grey panels with Qwen-Image-Edit.

    Attributes:
        shift: Shift of the scheduler; None for that of the model's own files.
    """

    version = 1
    pipeline_class = "QwenImageEditPlusPipeline"

    model: str = "Qwen/Qwen-Image-Edit-2511"
    steps: Steps = 20
    guidance: Guidance = 4.0
    shift: Shift | None = None
    megapixels: QwenMegapixels = 1.0
    cache: Cache = "none"

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "first_block", "taylor"))
        self.painter = QwenEdit(
            pipe, self.steps, self.guidance, self.megapixels, shift=self.shift, edits=True, keeps_lines=True
        )


_CHECKED: type[Colorist] = Backend
