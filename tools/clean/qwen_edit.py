"""Remove lettering and slivers, and complete a slanted panel to its box, with Qwen-Image-Edit.

Weights: Apache-2.0; about 55 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass

from tools.clean import Cleaner
from tools.diffusion.inpainters.qwen import QwenEdit, QwenMegapixels
from tools.diffusion.pipeline_backends import PipelineCleaner
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Guidance, Shift, Steps


@dataclass(eq=False, kw_only=True)
class Backend(PipelineCleaner):
    """Inpaint what is removed from a panel with Qwen-Image-Edit; all other pixels are those of the page.

    Attributes:
        shift: Shift of the scheduler; None for that of the model's own files.
        blended: Whether the pixels to keep are put back at every step (Blended Diffusion, RePaint), so that both parts
            develop together.
    """

    version = 4
    pipeline_class = "QwenImageEditPlusPipeline"

    model: str = "Qwen/Qwen-Image-Edit-2511"
    steps: Steps = 20
    guidance: Guidance = 4.0
    shift: Shift | None = None
    megapixels: QwenMegapixels = 1.0
    cache: Cache = "none"
    blended: bool = False

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "first_block", "taylor"))
        self.painter = QwenEdit(pipe, self.steps, self.guidance, self.megapixels, self.blended, shift=self.shift)


_CHECKED: type[Cleaner] = Backend
