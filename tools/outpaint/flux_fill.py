"""Continues a panel by FLUX.1 Fill; it looks at references only on a sheet with them (`grid`).

Weights: FLUX.1-dev, not for commerce; about 34 GB. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.diffusion import painting
from tools.diffusion.caches import Cache, known
from tools.diffusion.methods.grid import on_sheet
from tools.diffusion.painters.flux_fill import FluxFill
from tools.diffusion.pipes import Offload, Pipe
from tools.diffusion.weights import Weights
from tools.diffusion.words import told
from tools.options import Candidates, Guidance, Megapixels, Precision, Steps
from tools.plates import Cutout, Image, Plate


class Backend:
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept.

    `grid` paints on one sheet with the references (NeRFiller), each of which then takes a share of the pixels;
    `shuffle` does so with cells that change places at every step (RAVE).
    """

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "black-forest-labs/FLUX.1-Fill-dev",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 28,
        guidance: Guidance = 30.0,
        megapixels: Megapixels = 1.0,
        candidates: Candidates = 2,
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
        grid: bool = False,
        shuffle: bool = False,
    ) -> None:
        pipe = Pipe(
            "FluxFillPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None,
            cache=known(cache, "first_block", "taylor", never_with="shuffle" if shuffle else ""),
        )  # fmt: skip
        self.painter = FluxFill(pipe, steps, guidance, megapixels)
        self.candidates, self.grid, self.shuffle = candidates, grid or shuffle, shuffle
        self.ear = self.painter.ear(painting.outward)

    @property
    def identity(self) -> str:
        """Which weights paint."""
        return self.painter.pipe.identity

    @property
    def awake(self) -> str:
        """What stands on the device while it paints."""
        return self.painter.pipe.name

    def told(self, words: bytes) -> Backend:
        """The same with words from `ear.encode`: the text encoder is not loaded."""
        return told(self, "painter", words)

    def outpaint(
        self,
        cutouts: Sequence[Cutout],
        field: tuple[float, float, float, float],
        *,
        revealed: int,
        fill: str,
        prompt: str,
        references: Sequence[Image],
        seed: int,
    ) -> Plate:
        """Make the plate over `field`; see the promise in `tools/outpaint`. `fill` is for quiet grounds."""
        painter = on_sheet(self.painter, references, grid=self.grid, shuffle=self.shuffle)
        return painting.outpainted(
            painter, cutouts, field, prompt=prompt, references=references, seed=seed,
            candidates=self.candidates,
        )  # fmt: skip
