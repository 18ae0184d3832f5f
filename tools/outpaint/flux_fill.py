"""Outpaint a panel with FLUX.1 Fill, which takes references only in a grid with them (`grid`).

Weights: FLUX.1-dev, for non-commercial use only; about 34 GB. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.diffusion import inpainting
from tools.diffusion.inpainters import Painter
from tools.diffusion.inpainters.flux_fill import FluxFill
from tools.diffusion.methods.reference_grid import with_grid
from tools.diffusion.pipeline_backends import PipelineOutpainter
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Guidance, Megapixels, Steps
from tools.outpaint import Outpainter
from tools.plates import Image


@dataclass(eq=False, kw_only=True)
class Backend(PipelineOutpainter):
    """Outpaint a panel with FLUX.1 Fill.

    Attributes:
        cache: A step cache; not with `shuffle`.
        shuffle: Whether to generate in a grid with the references whose cells change places at every step (RAVE).
    """

    version = 2
    pipeline_class = "FluxFillPipeline"

    model: str = "black-forest-labs/FLUX.1-Fill-dev"
    steps: Steps = 28
    guidance: Guidance = 30.0
    megapixels: Megapixels = 1.0
    cache: Cache = "none"
    shuffle: bool = False

    def __post_init__(self) -> None:
        cache = check_cache(self.cache, "first_block", "taylor", never_with="shuffle" if self.shuffle else "")
        self.painter = painter = FluxFill(
            self._new_pipe(cache=cache), self.steps, self.guidance, self.megapixels
        )  # fmt: skip
        self.prompt_encoder = painter.prompt_encoder(inpainting.outpaint_prompt)

    def _painter_beside(self, references: Sequence[Image]) -> Painter:
        return with_grid(self.painter, references, grid=self.grid or self.shuffle, shuffle=self.shuffle)


_CHECKED: type[Outpainter] = Backend
