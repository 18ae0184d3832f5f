"""Inpaint with FLUX.1 Fill, which takes no reference images.

The weights are for non-commercial use only (FLUX.1-dev licence).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.diffusion.inpainters import FolderPainter
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, Tensors, embed_arguments, name_embeds

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture


@dataclass(frozen=True)
class FluxFill(FolderPainter):
    """Painter for FLUX.1 Fill. `guidance` is distilled into the model, which was trained for a scale of about 30."""

    pipe: PipelineSpec
    steps: int
    guidance: float
    megapixels: float
    multiple: int = 16
    batches: bool = True
    prompt_embeds: Tensors | None = field(default=None, compare=False)

    def paint(
        self,
        pipe: DiffusionPipeline,
        picture: Picture,
        mask: Picture,
        *,
        prompt: str,
        references: Sequence[Picture],
        seeds: Sequence[int],
    ) -> list[Picture]:
        """Inpaint an image; see `Painter.paint`. `references` are ignored."""
        count = len(seeds)
        prompt_arguments = (
            {"prompt": [prompt] * count}
            if self.prompt_embeds is None
            else embed_arguments(pipe, self.prompt_embeds, count)
        )
        return list(
            pipe(
                image=[picture] * count, mask_image=[mask] * count, width=picture.width,
                height=picture.height, num_inference_steps=self.steps, guidance_scale=self.guidance,
                generator=[generator(seed) for seed in seeds], **prompt_arguments,
            ).images
        )  # fmt: skip

    def prompt_encoder(self, text: Callable[[str], str]) -> PipelinePromptEncoder | None:
        """Return its prompt encoder; None with a LoRA, which may have trained the text encoder too."""
        return None if self.pipe.loras else PipelinePromptEncoder(self.pipe, self._encode, text)

    def _encode(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        """Encode a text with the loaded pipeline."""
        return name_embeds(("prompt_embeds", "pooled_prompt_embeds"), pipe.encode_prompt(text))
