"""Inpaint with Qwen-Image-Edit (2509 and later), which follows an instruction and takes up to two reference images.

Wu et al., Qwen-Image (2025); Apache-2.0. The model takes no mask: it redraws the whole image, and the pixels outside
the mask are restored afterwards. The pipeline looks at every picture at a size of its own, about a million pixels, and
that size is drawn: at another, lines would miss those of the picture by several per cent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import Field

from tools.diffusion import registration
from tools.diffusion.inpainters import edit_prompt, grey_out
from tools.diffusion.latents import encode_packed, gaussian_noise
from tools.diffusion.methods import ilvr, resampling
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.schedulers import with_shift
from tools.negative_prompt import to_pipeline_args

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from transformers import BatchFeature, PreTrainedTokenizerBase
    from transformers.image_processing_utils import BaseImageProcessor

MAX_REFERENCES = 2
"""Maximum number of reference images."""
QwenMegapixels = Annotated[float, Field(ge=1.0, le=1.05)]
"""The only area at which the model draws what it sees in its place, in millions of pixels."""


@dataclass(frozen=True)
class QwenEdit:
    """Painter for Qwen-Image-Edit.

    With `guidance` above 1 the model runs twice a step, once with the negative prompt. To fill a hole it sees grey
    there and is told so; with `edits` it sees the picture, and the prompt says all.
    """

    pipe: PipelineSpec
    steps: int
    guidance: float
    megapixels: float
    blended: bool = False
    """Whether the pixels outside the mask are put back at every step (see `methods/ilvr.py`)."""
    resample: int = 0
    """How many more times every stretch of steps is repeated, with blending (see `methods/resampling.py`)."""
    shift: float | None = None
    """The shift of the scheduler, None for that of the model's own files."""
    multiple: int = 32
    batches: bool = False
    edits: bool = False
    keeps_lines: bool = False
    """Whether it is to draw the same lines under the mask as well, over which the result is then moved."""

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline; without torchvision, its processor is built from parts that do not need it."""
        folder = self.pipe.weights.folder
        if find_spec("torchvision") is not None:
            return kind.from_pretrained(str(folder), **arguments)
        pipe = kind.from_pretrained(str(folder), **{**arguments, "processor": None})
        pipe.register_modules(processor=PictureProcessor.of(folder / "processor"))
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
        """Inpaint an image; see `Painter.paint`. A hole becomes grey, so that the prompt can name it."""
        from PIL import Image, ImageOps
        from PIL.Image import Resampling

        edit, negative = to_pipeline_args(prompt, "", guided=self.guidance > 1)
        size = canvas_size(*picture.size)
        canvas, canvas_mask = picture.resize(size), mask.resize(size, Resampling.NEAREST)
        seen = canvas if self.edits else grey_out(canvas, canvas_mask)
        images = []
        for seed in seeds:
            with with_shift(pipe, self.shift), resampling.maybe_repeat_steps(pipe, self.resample, [seed]):
                painted = pipe(
                    prompt=edit if self.edits else edit_prompt(edit),
                    negative_prompt=negative or " ", image=[seen, *references[:MAX_REFERENCES]], width=size[0],
                    height=size[1], num_inference_steps=self.steps, true_cfg_scale=self.guidance,
                    generator=generator(seed),
                    **self._callback_arguments(pipe, canvas, canvas_mask, seed),
                ).images[0]  # fmt: skip
            kept = np.full(size[::-1], 255, np.uint8) if self.keeps_lines else np.asarray(ImageOps.invert(canvas_mask))
            moved = registration.register(np.asarray(painted.convert("RGB")), np.asarray(canvas), kept)
            images.append(Image.fromarray(moved).resize(picture.size))
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


def canvas_size(width: int, height: int) -> tuple[int, int]:
    """Return the (width, height) at which the pipeline looks at a picture of this shape."""
    from diffusers.pipelines.qwenimage import pipeline_qwenimage_edit_plus as edit_plus

    size = width, height
    while (seen := edit_plus.calculate_dimensions(edit_plus.VAE_IMAGE_SIZE, size[0] / size[1])) != size:
        size = seen
    return size


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
