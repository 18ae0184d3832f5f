"""Change a panel as an instruction says with Qwen-Image-Edit.

Weights: Apache-2.0; about 55 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.diffusion.inpainters.qwen import QwenEdit, QwenMegapixels
from tools.diffusion.pipeline_backends import PipelineRedrawer
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Guidance, Shift, Steps
from tools.redraw import Redrawer


@dataclass(eq=False, kw_only=True)
class Backend(PipelineRedrawer):
    """Change a panel with Qwen-Image-Edit.

    Attributes:
        shift: Shift of the scheduler; None for that of the model's own files.
    """

    version = 2
    pipeline_class = "QwenImageEditPlusPipeline"

    model: str = "Qwen/Qwen-Image-Edit-2511"
    steps: Steps = 20
    guidance: Guidance = 4.0
    shift: Shift | None = None
    megapixels: QwenMegapixels = 1.0
    cache: Cache = "none"

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "first_block", "taylor"))
        self.painter = QwenEdit(pipe, self.steps, self.guidance, self.megapixels, shift=self.shift, edits=True)


_CHECKED: type[Redrawer] = Backend
