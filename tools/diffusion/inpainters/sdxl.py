"""Inpaint with Stable Diffusion XL checkpoints of 9 or 4 input channels, with references through an IP-Adapter.

Podell et al., SDXL (2023); Ye et al., IP-Adapter (2023). The same call serves both kinds of checkpoint: where the UNet
does not take the mask (4 channels), diffusers itself blends the known latents in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import nullcontext
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from tools.diffusion.latents import chance, encoded, masked
from tools.diffusion.methods import ilvr, resampling, shared_attention
from tools.diffusion.pipelines import PipelineSpec, generator
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, Tensors, embed_arguments, name_embeds
from tools.diffusion.weights import Weights, refuse_pickles
from tools.negative_prompt import to_pipeline_args

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture

WORDS = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
NEGATIVE = "text, letters, watermark, signature, frame, border, blurry"


@dataclass(frozen=True)
class Sdxl:
    """`reference_scale` is how much the references weigh (0..1); they count only with an `adapter`.

    `share` lets what is painted look at the first reference (see `methods/shared.py`); `blended` puts what is known
    back at every step, which diffusers does by itself with a UNet of 4 channels; `lowpass` takes tones at the scale
    of so many latents from what lies under the mask, 0 for none (see `methods/steering.py`). `resample` is how often
    every stretch of steps is gone through again, which blends too (see `methods/resampling.py`).
    """

    pipe: PipelineSpec
    steps: int
    guidance: float
    megapixels: float
    adapter: Weights | None = None
    adapter_file: str = ""
    reference_scale: float = 0.6
    share: str = ""
    blended: bool = False
    lowpass: int = 0
    resample: int = 0
    multiple: int = 8
    batches: bool = True
    words: Tensors | None = field(default=None, compare=False)

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """The pipeline, with its IP-Adapter where there is one."""
        made = kind.from_pretrained(str(self.pipe.weights.folder), **arguments)
        if self.adapter:
            if made.image_encoder is None:
                refuse_pickles(self.adapter.folder / "image_encoder")
            made.load_ip_adapter(
                str(self.adapter.folder), subfolder="", weight_name=self.adapter_file, local_files_only=True,
                image_encoder_folder=None if made.image_encoder is not None else "image_encoder",
            )  # fmt: skip
            made.set_ip_adapter_scale(self.reference_scale)
        return made

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
        """See `Painter.paint`. With an adapter and no references the picture itself is looked at."""
        from PIL import Image, ImageOps

        given = [ImageOps.fit(one, picture.size) for one in references[:1]] if self.share else []
        shown = [*given, *[picture] * len(seeds)]
        holes = [*[Image.new("L", mask.size, 0)] * len(given), *[mask] * len(seeds)]
        luck, count = [*[0] * len(given), *seeds], len(shown)
        looked_at: dict[str, object] = {"ip_adapter_image": [list(references) or [picture]]} if self.adapter else {}
        looking = shared_attention.looking(pipe.unet, self.share, count, seed=luck[-1]) if given else nullcontext()
        with looking, resampling.painted(pipe, self.resample, luck):
            painted = pipe(
                image=shown, mask_image=holes, width=picture.width, height=picture.height,
                num_inference_steps=self.steps, guidance_scale=self.guidance, strength=1.0,
                generator=[generator(seed) for seed in luck], **self._said(pipe, prompt, count), **looked_at,
                **self._steered(pipe, shown, holes, luck),
            ).images  # fmt: skip
        return list(painted[len(given) :])

    def prompt_encoder(self, text: Callable[[str], str]) -> PipelinePromptEncoder | None:
        """What encodes its words; None where a LoRA may have taught the encoder too."""
        return (
            None if self.pipe.lora else PipelinePromptEncoder(self.pipe, self._say, text, (NEGATIVE, self.guidance > 1))
        )

    def _say(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        guided = self.guidance > 1
        wish, negative = to_pipeline_args(text, NEGATIVE, guided=guided)
        return name_embeds(
            WORDS, pipe.encode_prompt(wish, negative_prompt=negative, do_classifier_free_guidance=guided)
        )

    def _said(self, pipe: DiffusionPipeline, prompt: str, count: int) -> Mapping[str, object]:
        if self.words is not None:
            return embed_arguments(pipe, self.words, count)
        wish, negative = to_pipeline_args(prompt, NEGATIVE, guided=self.guidance > 1)
        return {"prompt": [wish] * count, "negative_prompt": [negative] * count}

    def _steered(
        self, pipe: DiffusionPipeline, shown: Sequence[Picture], holes: Sequence[Picture], seeds: Sequence[int]
    ) -> dict[str, object]:
        """What the pipeline is told to call after each step."""
        import torch

        if not (self.blended or self.lowpass or self.resample):
            return {}
        known = torch.cat([encoded(pipe, one) for one in shown])
        noise = torch.cat([chance((1, *known.shape[1:]), seed=seed) for seed in seeds])
        mask = torch.cat([masked(one, (known.shape[2], known.shape[3])) for one in holes])
        nudges = [ilvr.toned(self.lowpass)] if self.lowpass else []
        nudges += [ilvr.keeping(mask)] if self.blended or self.resample else []
        return {"callback_on_step_end": ilvr.callback(known, noise, nudges)}
