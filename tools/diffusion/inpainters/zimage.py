"""Inpaint with Z-Image; the step-distilled Turbo model needs eight steps and no guidance.

Tongyi Lab, Z-Image (2025); Apache-2.0. It takes no references. What is under the mask shapes the result where
`strength` is below 1.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.diffusion.inpainters import FolderPainter
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, Tensors, embed_arguments
from tools.negative_prompt import to_pipeline_args

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture


@dataclass(frozen=True)
class ZImage(FolderPainter):
    """Painter for Z-Image. With `guidance` above 0 the model runs twice a step, once with the negative prompt."""

    pipe: PipelineSpec
    steps: int
    guidance: float
    megapixels: float
    strength: float = 1.0
    """Share of the noise at which denoising begins."""
    multiple: int = 16
    batches: bool = False
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
        """Inpaint an image; see `Painter.paint`. References are ignored."""
        embeds = self._encode(pipe, prompt) if self.prompt_embeds is None else embed_arguments(pipe, self.prompt_embeds)
        return [
            pipe(
                image=picture, mask_image=mask, width=picture.width, height=picture.height, strength=self.strength,
                num_inference_steps=self.steps, guidance_scale=self.guidance, generator=generator(seed),
                **{name: list(value) for name, value in embeds.items() if value is not None},
            ).images[0]
            for seed in seeds
        ]  # fmt: skip

    def prompt_encoder(self, text: Callable[[str], str]) -> PipelinePromptEncoder:
        """Return its prompt encoder."""
        return PipelinePromptEncoder(self.pipe, self._encode, text, (self.guidance > 0,))

    def _encode(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        """Encode a text with the loaded pipeline: a batch of one, without padding."""
        guided = self.guidance > 0
        prompt, negative = to_pipeline_args(text, "", guided=guided)
        positive, unwanted = pipe.encode_prompt(
            prompt, negative_prompt=negative, do_classifier_free_guidance=guided, device=pipe._execution_device
        )
        return {
            "prompt_embeds": positive[0][None],
            "negative_prompt_embeds": unwanted[0][None] if guided else None,
        }
