"""Stable Diffusion XL as a painter: inpainting checkpoints of 9 channels, any other of 4; references by IP-Adapter.

Podell et al., SDXL (2023); Ye et al., IP-Adapter (2023). The same call serves both kinds of checkpoint: diffusers
blends the known latents in by itself where the UNet does not see the mask.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from tools.diffusion.pipes import Pipe, generator
from tools.diffusion.weights import Weights

NEGATIVE = "text, letters, watermark, signature, frame, border, blurry"


@dataclass(frozen=True)
class Sdxl:
    """`reference_scale` is how much the references weigh (0..1); they count only with an `adapter`."""

    pipe: Pipe
    steps: int
    guidance: float
    megapixels: float
    adapter: Weights | None = None
    adapter_file: str = ""
    reference_scale: float = 0.6
    multiple: int = 8
    batches: bool = True

    def assemble(self, kind: Any, arguments: dict[str, Any]) -> Any:
        """The pipeline, with its IP-Adapter where there is one."""
        made = kind.from_pretrained(str(self.pipe.weights.folder), **arguments)
        if self.adapter:
            made.load_ip_adapter(
                str(self.adapter.folder), subfolder="", weight_name=self.adapter_file, local_files_only=True,
                image_encoder_folder=None if made.image_encoder is not None else "image_encoder",
            )  # fmt: skip
            made.set_ip_adapter_scale(self.reference_scale)
        return made

    def paint(
        self, pipe: Any, picture: Any, mask: Any, *, prompt: str, references: Sequence[Any], seeds: Sequence[int]
    ) -> list[Any]:
        """See `Painter.paint`. With an adapter and no references the picture itself is looked at."""
        count = len(seeds)
        looked_at: dict[str, Any] = {"ip_adapter_image": [list(references) or [picture]]} if self.adapter else {}
        return list(
            pipe(
                prompt=[prompt] * count, negative_prompt=[NEGATIVE] * count, image=[picture] * count,
                mask_image=[mask] * count, width=picture.width, height=picture.height,
                num_inference_steps=self.steps, guidance_scale=self.guidance, strength=1.0,
                generator=[generator(seed) for seed in seeds], **looked_at,
            ).images
        )  # fmt: skip
