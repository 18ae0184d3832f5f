"""Inpaint with FLUX.2 [klein], which takes a reference image; the step-distilled 4B model needs four steps.

Black Forest Labs, FLUX.2 (2025); klein-4B is Apache-2.0, klein-9B is for non-commercial use only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.diffusion.inpainters import FolderPainter, edit_prompt, grey_out
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, Tensors, embed_arguments

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture


@dataclass(frozen=True)
class Klein(FolderPainter):
    """Painter for FLUX.2 [klein], which edits what it sees.

    To fill a hole it sees grey there and is told so; with `edits` it sees the picture, and the prompt says all.
    """

    pipe: PipelineSpec
    steps: int
    guidance: float
    megapixels: float
    multiple: int = 16
    batches: bool = False
    edits: bool = False
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
        """Inpaint an image; see `Painter.paint`. Several references are joined side by side: the model takes one."""
        reference_arguments = {"image_reference": join_side_by_side(references)} if references else {}
        prompt_arguments = (
            {"prompt": prompt if self.edits else edit_prompt(prompt)}
            if self.prompt_embeds is None
            else embed_arguments(pipe, self.prompt_embeds)
        )
        seen = picture if self.edits else grey_out(picture, mask)
        return [
            pipe(
                image=seen, mask_image=mask, width=picture.width, height=picture.height,
                num_inference_steps=self.steps, guidance_scale=self.guidance, strength=1.0,
                generator=generator(seed), **prompt_arguments, **reference_arguments,
            ).images[0]
            for seed in seeds
        ]  # fmt: skip

    def prompt_encoder(self, text: Callable[[str], str]) -> PipelinePromptEncoder:
        """Return its prompt encoder."""

        def full_text(prompt: str) -> str:
            return text(prompt) if self.edits else edit_prompt(text(prompt))

        return PipelinePromptEncoder(self.pipe, self._encode, full_text, (self.guidance > 1,))

    def _encode(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        """Encode a text with the loaded pipeline."""
        negative = pipe.encode_prompt("")[0] if self.guidance > 1 else None
        return {"prompt_embeds": pipe.encode_prompt(text)[0], "negative_prompt_embeds": negative}


def join_side_by_side(pictures: Sequence[Picture]) -> Picture:
    """Join several PIL images side by side on white, at the height of the smallest."""
    from PIL import Image

    if len(pictures) == 1:
        return pictures[0]
    height = min(picture.height for picture in pictures)
    scaled = [picture.resize((max(1, round(picture.width * height / picture.height)), height)) for picture in pictures]
    canvas = Image.new("RGB", (sum(picture.width for picture in scaled), height), "white")
    left = 0
    for picture in scaled:
        canvas.paste(picture, (left, 0))
        left += picture.width
    return canvas
