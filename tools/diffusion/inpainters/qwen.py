"""Inpaint with Qwen-Image-Edit (2509 and later), which follows an instruction and takes up to two reference images.

Wu et al., Qwen-Image (2025); Apache-2.0. The model takes no mask: it redraws the whole image, and the pixels outside
the mask are restored afterwards.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from tools.diffusion.inpainters import edit_prompt, grey_out
from tools.diffusion.latents import encode_packed, gaussian_noise
from tools.diffusion.methods import ilvr, resampling
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.negative_prompt import to_pipeline_args

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from transformers import BatchFeature, PreTrainedTokenizerBase
    from transformers.image_processing_utils import BaseImageProcessor

MAX_REFERENCES = 2
"""Maximum number of reference images."""


@dataclass(frozen=True)
class QwenEdit:
    """Painter for Qwen-Image-Edit.

    With `guidance` above 1 the model runs twice a step, once with the negative prompt.
    """

    pipe: PipelineSpec
    steps: int
    guidance: float
    megapixels: float
    blended: bool = False
    """Whether the pixels outside the mask are put back at every step (see `methods/ilvr.py`)."""
    resample: int = 0
    """How many more times every stretch of steps is repeated, with blending (see `methods/resampling.py`)."""
    multiple: int = 16
    batches: bool = False

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline; without torchvision, its processor is built from parts that do not need it."""
        folder = self.pipe.weights.folder
        if find_spec("torchvision") is None:
            arguments = {**arguments, "processor": PictureProcessor.of(folder / "processor")}
        return kind.from_pretrained(str(folder), **arguments)

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
        """Inpaint an image; see `Painter.paint`. The masked area becomes grey, so that the prompt can name it."""
        edit, negative = to_pipeline_args(prompt, "", guided=self.guidance > 1)
        greyed = grey_out(picture, mask)
        images = []
        for seed in seeds:
            with resampling.maybe_repeat_steps(pipe, self.resample, [seed]):
                painted = pipe(
                    prompt=edit_prompt(edit),
                    negative_prompt=negative or " ", image=[greyed, *references[:MAX_REFERENCES]], width=picture.width,
                    height=picture.height, num_inference_steps=self.steps, true_cfg_scale=self.guidance,
                    generator=generator(seed),
                    **self._callback_arguments(pipe, picture, mask, seed),
                ).images[0]  # fmt: skip
            images.append(painted.resize(picture.size))
        return images

    def _callback_arguments(
        self, pipe: DiffusionPipeline, picture: Picture, mask: Picture, seed: int
    ) -> dict[str, object]:
        """Return the callback argument for blending, if it is used."""
        if not (self.blended or self.resample):
            return {}
        known, latent_mask = encode_packed(pipe, picture, mask)
        noise = gaussian_noise(known.shape, seed=seed)
        return {"callback_on_step_end": ilvr.step_callback(known, noise, [ilvr.blend_known(latent_mask)])}


class PictureProcessor:
    """Qwen2-VL's processor for images only: the one of transformers requires torchvision for videos."""

    def __init__(self, tokenizer: PreTrainedTokenizerBase, image_processor: BaseImageProcessor) -> None:
        self.tokenizer, self.image_processor = tokenizer, image_processor

    @classmethod
    def of(cls, folder: Path) -> PictureProcessor:
        """Load the processor from its folder in the checkpoint."""
        from transformers import AutoTokenizer
        from transformers.models.qwen2_vl.image_processing_pil_qwen2_vl import Qwen2VLImageProcessorPil

        return cls(
            AutoTokenizer.from_pretrained(str(folder), local_files_only=True),
            Qwen2VLImageProcessorPil.from_pretrained(str(folder), local_files_only=True),
        )

    def __call__(
        self,
        text: str | Sequence[str],
        images: Sequence[Picture] | None = None,
        padding: bool = True,
        return_tensors: str = "pt",
        **rest: object,
    ) -> BatchFeature:
        """Tokenize texts and images; each image placeholder is repeated once for every patch of its image."""
        from transformers import BatchFeature

        texts, image_inputs = [text] if isinstance(text, str) else list(text), {}
        if images is not None:
            features = self.image_processor(images=images, return_tensors=return_tensors)
            patches = iter(
                int(grid.prod()) // self.image_processor.merge_size**2 for grid in features["image_grid_thw"]
            )
            texts = [_repeat_placeholders(item, patches) for item in texts]
            image_inputs = {"pixel_values": features["pixel_values"], "image_grid_thw": features["image_grid_thw"]}
        return BatchFeature({**self.tokenizer(texts, padding=padding, return_tensors=return_tensors), **image_inputs})


def _repeat_placeholders(text: str, patches: Iterator[int]) -> str:
    """Repeat each image placeholder in `text` by the next number in `patches`."""
    placeholder = "<|image_pad|>"
    first, *rest = text.split(placeholder)
    return first + "".join(placeholder * next(patches) + part for part in rest)
