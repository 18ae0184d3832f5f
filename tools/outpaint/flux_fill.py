"""Continues a panel by FLUX.1 Fill; it looks at references only on a sheet with them (`grid`).

Weights: FLUX.1-dev, not for commerce; about 34 GB. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tools.diffusion import painting
from tools.diffusion.caches import Cache, known
from tools.diffusion.methods.grid import on_sheet
from tools.diffusion.painters import Painter
from tools.diffusion.painters.flux_fill import FluxFill
from tools.diffusion.pipeline_backends import PipelineOutpainter
from tools.options import Guidance, Megapixels, Steps
from tools.outpaint import Outpainter
from tools.plates import Image


@dataclass(eq=False, kw_only=True)
class Backend(PipelineOutpainter):
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept.

    `grid` paints on one sheet with the references (NeRFiller), each of which then takes a share of the pixels;
    `shuffle` does so with cells that change places at every step (RAVE).
    """

    version = 1
    pipeline_class = "FluxFillPipeline"

    model: str = "black-forest-labs/FLUX.1-Fill-dev"
    steps: Steps = 28
    guidance: Guidance = 30.0
    megapixels: Megapixels = 1.0
    cache: Cache = "none"
    shuffle: bool = False

    def __post_init__(self) -> None:
        cache = known(self.cache, "first_block", "taylor", never_with="shuffle" if self.shuffle else "")
        self.painter = painter = FluxFill(
            self._new_pipe(cache=cache), self.steps, self.guidance, self.megapixels
        )  # fmt: skip
        self.ear = painter.ear(painting.outward)

    def _painter_beside(self, references: Sequence[Image]) -> Painter:
        return on_sheet(self.painter, references, grid=self.grid or self.shuffle, shuffle=self.shuffle)


_CHECKED: type[Outpainter] = Backend
