"""Edit a picture with a Stable Diffusion XL of 4 input channels that first inverts it: LEDITS++ (Brack et al. 2024).

The noise from which the model would draw the picture is found, and the picture is drawn from it again, guided towards
what the prompt names, and only where that guidance is strongest. All that the words do not concern stays nearer to the
picture than with noise of its own. It takes no references.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.diffusion.embeddings import load_embeddings
from tools.diffusion.latents import scale_mask
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.prompt_encoder import Tensors
from tools.diffusion.weights import Weights
from tools.negative_prompt import to_pipeline_args

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture


@dataclass(frozen=True)
class Ledits:
    """Painter that edits by inversion; the prompt names what is to be seen under the mask."""

    pipe: PipelineSpec
    steps: int
    guidance: float
    """How strongly the result is drawn towards the prompt."""
    megapixels: float
    threshold: float = 0.9
    """Share of the picture, where the prompt changes least, that stays: 0.9 changes a tenth of it."""
    skip: float = 0.15
    """Share of the noise at which denoising begins below all of it: the larger, the more of the picture stays."""
    embeddings: tuple[Weights, ...] = ()
    """Textual inversions, whose words prompts may use."""
    multiple: int = 32
    batches: bool = False
    prompt_embeds: Tensors | None = field(default=None, compare=False)

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline from its folder or file."""
        pipe = self.pipe.from_pretrained(_on_working_device(kind), arguments)
        load_embeddings(pipe, self.embeddings)
        return pipe

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
        """Edit an image; see `Painter.paint`. References are ignored."""
        words, _ = to_pipeline_args(prompt, "", guided=True)
        return [self._edit(pipe, picture, mask, words, seed) for seed in seeds]

    def _edit(self, pipe: DiffusionPipeline, picture: Picture, mask: Picture, words: str, seed: int) -> Picture:
        """Invert the picture and edit it once."""
        with _working_device(pipe), _float32_vae(pipe):
            pipe.invert(
                image=picture, source_prompt="", num_inversion_steps=self.steps, skip=self.skip,
                generator=generator(seed),
            )  # fmt: skip
            latents = pipe.init_latents
            edited = pipe(
                editing_prompt=[words], edit_guidance_scale=self.guidance, edit_threshold=self.threshold,
                user_mask=scale_mask(mask, (latents.shape[2], latents.shape[3])).to(latents.dtype),
            )  # fmt: skip
        return edited.images[0]  # type: ignore[no-any-return]


def _on_working_device(kind: type[DiffusionPipeline]) -> type[DiffusionPipeline]:
    """Return the pipeline's class with a `device` that is the one it computes on, wherever its weights wait."""

    def device(pipe: DiffusionPipeline) -> object:
        return getattr(pipe, "_komadori_device", None) or kind.device.fget(pipe)

    return type(kind.__name__, (kind,), {"device": property(device)})


@contextmanager
def _working_device(pipe: DiffusionPipeline) -> Iterator[None]:
    """Let the pipeline make its tensors where it computes: it asks for the place of its weights otherwise."""
    pipe._komadori_device = pipe._execution_device
    try:
        yield
    finally:
        pipe._komadori_device = None


@contextmanager
def _float32_vae(pipe: DiffusionPipeline) -> Iterator[None]:
    """Leave the VAE in its own precision afterwards: the pipeline turns it to float32 for inversion, and not back."""
    before = pipe.vae.dtype
    decode = pipe.vae.decode

    def decode_as_its_weights(latents: object, *given: object, **named: object) -> object:
        return decode(latents.to(next(iter(pipe.vae.parameters())).dtype), *given, **named)  # type: ignore[attr-defined]

    pipe.vae.decode = decode_as_its_weights
    try:
        yield
    finally:
        del pipe.vae.decode
        if pipe.vae.dtype != before:
            pipe.vae.to(dtype=before)
