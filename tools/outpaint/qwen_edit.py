"""Continues a panel by Qwen-Image-Edit, which is told in words and looks at two references.

Weights: Apache-2.0; about 55 GB. Other checkpoints of the same kind are named by `model`.
"""

from __future__ import annotations

from collections.abc import Sequence

from tools.diffusion import painting
from tools.diffusion.painters.qwen import QwenEdit
from tools.diffusion.pipes import Offload, Pipe
from tools.diffusion.weights import Weights
from tools.plates import Cutout, Image, Plate


class Backend:
    """`candidates` pictures are painted from as many seeds, and the one that suits the panel best is kept."""

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "Qwen/Qwen-Image-Edit-2509",
        revision: str = "",
        dtype: str = "auto",
        steps: int = 20,
        guidance: float = 4.0,
        megapixels: float = 1.0,
        candidates: int = 1,
        offload: Offload = "none",
        lora: str = "",
    ) -> None:
        pipe = Pipe(
            "QwenImageEditPlusPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None,
        )  # fmt: skip
        self.painter = QwenEdit(pipe, steps, guidance, megapixels)
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
