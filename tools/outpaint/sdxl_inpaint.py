"""Continues a panel by SDXL inpainting, alike to references by an IP-Adapter.

Weights: OpenRAIL++-M; about 8 GB, half with offload. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.diffusion import painting
from tools.diffusion.painters.sdxl import Sdxl
from tools.diffusion.pipes import Offload, Pipe
from tools.diffusion.weights import Weights
from tools.plates import Cutout, Image, Plate


class Backend:
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept.

    `adapter` names an IP-Adapter (a folder within it may follow after a colon) and `adapter_file` its weights;
    without one no reference is looked at. `reference_scale` is how much references weigh (0..1).
    """

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1",
        revision: str = "",
        dtype: str = "auto",
        steps: int = 25,
        guidance: float = 6.0,
        megapixels: float = 0.8,
        candidates: int = 2,
        offload: Offload = "none",
        lora: str = "",
        adapter: str = "",
        adapter_file: str = "ip-adapter_sdxl.safetensors",
        reference_scale: float = 0.6,
    ) -> None:
        folder, _, inside = adapter.partition(":")
        looks = Weights(folder, inside=inside) if adapter else None
        pipe = Pipe(
            "StableDiffusionXLInpaintPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, adapters=(("ip", looks),) if looks else (),
        )  # fmt: skip
        self.painter = Sdxl(pipe, steps, guidance, megapixels, looks, adapter_file, reference_scale)
        self.candidates = candidates

    @property
    def identity(self) -> str:
        """Which weights paint."""
        return self.painter.pipe.identity

    @property
    def awake(self) -> str:
        """What stands on the device while it paints."""
        return self.painter.pipe.name

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
        return painting.outpainted(
            self.painter, cutouts, field, revealed=revealed, prompt=prompt, references=references, seed=seed,
            candidates=self.candidates,
        )  # fmt: skip
