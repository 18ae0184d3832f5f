"""Inpaint with Stable Diffusion XL checkpoints of 9 or 4 input channels, with references through an IP-Adapter.

Podell et al., SDXL (2023); Ye et al., IP-Adapter (2023). The same call serves both kinds of checkpoint: where the UNet
does not take the mask (4 channels), diffusers itself blends the known latents in.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.diffusion.embeddings import load_embeddings
from tools.diffusion.latents import encode_image, gaussian_noise, scale_mask
from tools.diffusion.line_control import LineControl
from tools.diffusion.methods import ilvr, resampling, shared_attention
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, Tensors, embed_arguments, name_embeds
from tools.diffusion.reference_masks import Masks
from tools.diffusion.weights import Weights, refuse_pickles
from tools.negative_prompt import to_pipeline_args

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from transformers import PreTrainedModel

EMBED_ARGUMENTS = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
"""Arguments of the pipeline's call, in the order in which `encode_prompt` returns them."""
NEGATIVE_PROMPT = "text, letters, watermark, signature, frame, border, blurry"
"""Default negative prompt."""

STRENGTH = 0.99
"""Share of the noise at which inpainting begins: from noise alone it is less sharp (model card of SDXL inpainting).

The pipeline takes this share of its steps, rounded down.
"""


@dataclass(frozen=True)
class Sdxl:
    """Painter for Stable Diffusion XL."""

    pipe: PipelineSpec
    steps: int
    guidance: float
    megapixels: float
    adapter: Weights | None = None
    """An IP-Adapter; without one, references count only with `share`."""
    adapter_file: str = ""
    reference_scale: float = 0.6
    """How much the references weigh in the IP-Adapter (0..1)."""
    share: str = ""
    """Mode in which images attend to the first reference, "" for none (see `methods/shared_attention.py`)."""
    blended: bool = False
    """Whether the known latents are put back at every step; with a UNet of 4 channels diffusers always does that."""
    lowpass: int = 0
    """Scale in latents at which tones are taken from the image under the mask, 0 for none (see `methods/ilvr.py`)."""
    resample: int = 0
    """How many more times every stretch of steps is repeated, with blending (see `methods/resampling.py`)."""
    strength: float = STRENGTH
    """Share of the noise at which denoising begins; what is under the mask shapes the result where it is small."""
    adapter_encoder: Weights | None = None
    """The image encoder that the IP-Adapter was trained with; None if the adapter or the checkpoint contains it."""
    control: LineControl | None = None
    """A ControlNet that is shown the artist's lines."""
    embeddings: tuple[Weights, ...] = ()
    """Textual inversions, whose words prompts may use."""
    reference_masks: Masks = field(default=None, compare=False)
    """Where the IP-Adapter looks at each reference."""
    multiple: int = 8
    batches: bool = True
    prompt_embeds: Tensors | None = field(default=None, compare=False)

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline, with its ControlNet and its IP-Adapter if there are any."""
        if self.control:
            kind = self.control.pipeline_class(self.pipe.weights)
            arguments = {**arguments, "controlnet": self.control.load(arguments["dtype"])}
        if self.adapter_encoder:
            arguments = {**arguments, "image_encoder": _load_image_encoder(self.adapter_encoder, arguments["dtype"])}
        pipe = self.pipe.from_pretrained(kind, arguments)
        load_embeddings(pipe, self.embeddings)
        if self.adapter:
            if pipe.image_encoder is None:
                refuse_pickles(self.adapter.folder / "image_encoder")
            pipe.load_ip_adapter(
                str(self.adapter.folder), subfolder="", weight_name=self.adapter_file, local_files_only=True,
                image_encoder_folder=None if pipe.image_encoder is not None else "image_encoder",
            )  # fmt: skip
            pipe.set_ip_adapter_scale(self.reference_scale)
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
        """Inpaint an image; see `Painter.paint`. With an adapter and no references, the image is its own reference."""
        from PIL import Image, ImageOps

        fitted_references = (
            [ImageOps.fit(reference, picture.size) for reference in references[:1]] if self.share else []
        )
        images = [*fitted_references, *[picture] * len(seeds)]
        masks = [*[Image.new("L", mask.size, 0)] * len(fitted_references), *[mask] * len(seeds)]
        all_seeds, count = [*[0] * len(fitted_references), *seeds], len(images)
        adapter_arguments = self._adapter_arguments(picture, references)
        attention = (
            shared_attention.share_attention(pipe.unet, self.share, count, seed=all_seeds[-1])
            if fitted_references
            else nullcontext()
        )
        lines: dict[str, object] = self.control.call_arguments(images, masks) if self.control else {}
        known = self.control.only_where_known(pipe, masks) if self.control else nullcontext()
        strength = 1.0 if self.resample else self.strength  # the schedule that repeats its steps cannot begin within it
        with attention, known, resampling.maybe_repeat_steps(pipe, self.resample, all_seeds):
            painted = pipe(
                image=images, mask_image=masks, width=picture.width, height=picture.height,
                num_inference_steps=math.ceil(self.steps / strength), guidance_scale=self.guidance, strength=strength,
                generator=[generator(seed) for seed in all_seeds],
                **self._prompt_arguments(pipe, prompt, count), **adapter_arguments, **lines,
                **self._callback_arguments(pipe, images, masks, all_seeds),
            ).images  # fmt: skip
        return list(painted[len(fitted_references) :])

    def prompt_encoder(self, text: Callable[[str], str]) -> PipelinePromptEncoder | None:
        """Return its prompt encoder; None with a LoRA or embeddings, which change the text encoders too."""
        return (
            None
            if self.pipe.loras or self.embeddings
            else PipelinePromptEncoder(self.pipe, self._encode, text, (NEGATIVE_PROMPT, self.guidance > 1))
        )

    def _encode(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        """Encode a text and the negative prompt with the loaded pipeline."""
        guided = self.guidance > 1
        positive, negative = to_pipeline_args(text, NEGATIVE_PROMPT, guided=guided)
        return name_embeds(
            EMBED_ARGUMENTS, pipe.encode_prompt(positive, negative_prompt=negative, do_classifier_free_guidance=guided)
        )

    def _prompt_arguments(self, pipe: DiffusionPipeline, prompt: str, count: int) -> Mapping[str, object]:
        """Return the prompt, or its embeddings, as arguments of a call for `count` images."""
        if self.prompt_embeds is not None:
            return embed_arguments(pipe, self.prompt_embeds, count)
        positive, negative = to_pipeline_args(prompt, NEGATIVE_PROMPT, guided=self.guidance > 1)
        return {"prompt": [positive] * count, "negative_prompt": [negative] * count}

    def _adapter_arguments(self, picture: Picture, references: Sequence[Picture]) -> dict[str, object]:
        """Return the arguments that show the references to the IP-Adapter, each where its mask says."""
        if not self.adapter:
            return {}
        shown: dict[str, object] = {"ip_adapter_image": [list(references) or [picture]]}
        if not references or self.reference_masks is None:
            return shown
        from diffusers.image_processor import IPAdapterMaskProcessor
        from PIL import Image

        masks = IPAdapterMaskProcessor().preprocess(
            [Image.fromarray(mask) for mask in self.reference_masks], height=picture.height, width=picture.width
        )
        return {**shown, "cross_attention_kwargs": {"ip_adapter_masks": [masks.squeeze(1)[None]]}}

    def _callback_arguments(
        self, pipe: DiffusionPipeline, shown: Sequence[Picture], holes: Sequence[Picture], seeds: Sequence[int]
    ) -> dict[str, object]:
        """Return the callback argument for the methods that change latents after each step, if one is used."""
        import torch

        if not (self.blended or self.lowpass or self.resample):
            return {}
        known = torch.cat([encode_image(pipe, item) for item in shown])
        noise = torch.cat([gaussian_noise((1, *known.shape[1:]), seed=seed) for seed in seeds])
        mask = torch.cat([scale_mask(item, (known.shape[2], known.shape[3])) for item in holes])
        nudges = [ilvr.match_low_frequencies(self.lowpass)] if self.lowpass else []
        nudges += [ilvr.blend_known(mask)] if self.blended or self.resample else []
        return {"callback_on_step_end": ilvr.step_callback(known, noise, nudges)}


def _load_image_encoder(weights: Weights, dtype: object) -> PreTrainedModel:
    """Load the image encoder of an IP-Adapter from a folder of its own."""
    from transformers import CLIPVisionModelWithProjection

    return CLIPVisionModelWithProjection.from_pretrained(
        str(weights.folder), dtype=dtype, use_safetensors=True, local_files_only=True
    )
