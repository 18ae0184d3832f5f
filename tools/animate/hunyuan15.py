"""Animate a plate with HunyuanVideo 1.5, which has 8.3 billion weights and is fast for its size.

Tencent (2025); Tencent Hunyuan community licence, which excludes the European Union, the United Kingdom and South
Korea. 17 GB of denoiser and 15 GB of text encoder (Qwen2.5-VL) wait in main memory with offload. A step-distilled model
needs 8 to 12 steps at guidance 1.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.animate import Animator
from tools.diffusion import image_to_video
from tools.diffusion.image_to_video import NEGATIVE_PROMPT, PipelineFrames, VideoRequest
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, name_embeds
from tools.diffusion.schedulers import with_shift
from tools.diffusion.step_caches import Cache, check_cache
from tools.negative_prompt import to_pipeline_args
from tools.options import Frames, Guidance, Megapixels, Rate, Shift, Steps

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

EMBED_ARGUMENTS = "prompt_embeds", "prompt_embeds_mask", "prompt_embeds_2", "prompt_embeds_mask_2"
"""Arguments of the pipeline's call, in the order in which `encode_prompt` returns them."""
SIDE_MULTIPLE = 16
"""Pixels of which the sides of a frame are multiples."""


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with HunyuanVideo 1.5.

    Attributes:
        shift: Shift of the scheduler; None for that of the model's own files.
    """

    version = 1
    pipeline_class = "HunyuanVideo15ImageToVideoPipeline"

    model: str = "hunyuanvideo-community/HunyuanVideo-1.5-Diffusers-480p_i2v"
    steps: Steps = 50
    guidance: Guidance = 6.0
    shift: Shift | None = None
    megapixels: Megapixels = 0.41
    frames: Frames = 121
    rate: Rate = 24.0
    cache: Cache = "none"

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "first_block", "taylor"))
        self._base_sampler = self._new_sampler(pipe, multiple=SIDE_MULTIPLE, frame_step=4)
        self.prompt_encoder = PipelinePromptEncoder(
            pipe, self._encode, image_to_video.video_prompt, (NEGATIVE_PROMPT, self.guidance > 1),
            split_clips=self._base_sampler.clip_prompts, assemble=self._assemble_text_encoders,
        )  # fmt: skip

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        # the pipeline chooses a size by itself, and cuts off what does not fit: the plate has that size before
        area = request.first.width * request.first.height
        pipe.target_size = max(1, round(math.sqrt(area) / SIDE_MULTIPLE)) * SIDE_MULTIPLE
        height, width = pipe.video_processor.calculate_default_height_width(
            request.first.height, request.first.width, pipe.target_size
        )
        pipe.guider = pipe.guider.new(guidance_scale=self.guidance)
        with with_shift(pipe, self.shift):
            frames: PipelineFrames = pipe(
                image=request.first.resize((width, height)), num_frames=request.frames,
                num_inference_steps=self.steps, generator=generator(request.seed),
                **request.prompt_arguments(pipe, guided=self.guidance > 1),
            ).frames[0]  # fmt: skip
        return frames

    def _assemble_text_encoders(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline without a VAE: its constructor reads the configuration of one, so it gets a small one."""
        from diffusers import AutoencoderKLHunyuanVideo15

        stand_in = AutoencoderKLHunyuanVideo15(block_out_channels=(64, 64, 64, 64, 64), layers_per_block=1)
        pipe = self._base_sampler.pipe.from_pretrained(kind, {**arguments, "vae": stand_in})
        pipe.register_modules(vae=None)
        return pipe

    def _encode(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        """Encode a text with the loaded pipeline."""
        prompt, negative = to_pipeline_args(text, NEGATIVE_PROMPT, guided=self.guidance > 1)
        encoded = dict(name_embeds(EMBED_ARGUMENTS, pipe.encode_prompt(prompt)))
        if self.guidance > 1:
            names = (f"negative_{name}" for name in EMBED_ARGUMENTS)
            encoded |= name_embeds(tuple(names), pipe.encode_prompt(negative))
        return encoded


_CHECKED: type[Animator] = Backend
