"""Continues a panel by SDXL inpainting, alike to references by an IP-Adapter.

Weights: OpenRAIL++-M; about 8 GB, half with offload. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import Annotated, Literal

from pydantic import Field

from tools.diffusion import dift, painting
from tools.diffusion.methods.grid import on_sheet
from tools.diffusion.methods.shared import Mode
from tools.diffusion.painters.sdxl import Sdxl
from tools.diffusion.painting import Rank
from tools.diffusion.pipes import Offload, Pipe
from tools.diffusion.weights import Weights
from tools.diffusion.words import told
from tools.measuring import correspondence
from tools.options import Candidates, Guidance, Megapixels, Precision, Safetensors, Steps, Weight
from tools.plates import Cutout, Image, Plate


class Backend:
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept.

    `adapter` names an IP-Adapter (a folder within it may follow after a colon) and `adapter_file` its weights;
    without one references are looked at only by `share` or `grid`. `reference_scale` is how much they weigh (0..1).

    Methods that need no training, off unless named: `share` = story, masa or first lets the paint look at the first
    reference (StoryDiffusion, MasaCtrl, Text2Video-Zero); `grid` paints on one sheet with the references (NeRFiller),
    and `shuffle` does so with cells that change places at every step (RAVE);
    `blended` puts what is the artist's back at every step (Blended Diffusion); `resample` = 2, say, does so and goes
    through every stretch of steps twice more, so that paint and panel agree (RePaint; thrice the time); `lowpass` = 4,
    say, takes its large tones from the quiet continuation (ILVR). `rank` = features or dift says how candidates are
    compared.
    """

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 25,
        guidance: Guidance = 6.0,
        megapixels: Megapixels = 0.8,
        candidates: Candidates = 2,
        offload: Offload = "none",
        lora: str = "",
        grid: bool = False,
        shuffle: bool = False,
        adapter: str = "",
        adapter_file: Safetensors = "ip-adapter_sdxl.safetensors",
        reference_scale: Weight = 0.6,
        share: Mode = "",
        blended: bool = False,
        lowpass: Annotated[int, Field(ge=0, le=64)] = 0,
        resample: Annotated[int, Field(ge=0, le=10)] = 0,
        rank: Literal["features", "dift"] = "features",
    ) -> None:
        looks = Weights(adapter) if adapter else None
        pipe = Pipe(
            "StableDiffusionXLInpaintPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, adapters=(("ip", looks),) if looks else (),
        )  # fmt: skip
        self.painter = Sdxl(
            pipe,
            steps,
            guidance,
            megapixels,
            looks,
            adapter_file,
            reference_scale,
            share,
            blended,
            lowpass,
            resample,
        )
        self.candidates, self.grid, self.shuffle = candidates, grid or shuffle, shuffle
        # to rank by DIFT asks the encoder again
        self.ear = None if rank == "dift" else self.painter.ear(painting.outward)
        self.rank: Rank = partial(dift.score, self.painter) if rank == "dift" else correspondence.score

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
            candidates=self.candidates, rank=self.rank,
        )  # fmt: skip
