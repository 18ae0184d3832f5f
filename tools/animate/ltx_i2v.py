"""Animate a plate with LTX-Video 0.9.x, which is small and fast; 8 GB with offload.

HaCohen et al., LTX-Video (2024); the weights of each version have a licence of their own: read it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from tools.animate import Animator
from tools.diffusion import image_to_video
from tools.diffusion.image_to_video import PipelineFrames, VideoRequest
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Frames, Guidance, Megapixels, Rate, Share

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

EMBED_ARGUMENTS = ("prompt_embeds", "prompt_attention_mask", "negative_prompt_embeds", "negative_prompt_attention_mask")
"""Arguments of the pipeline's call, in the order in which `encode_prompt` returns them."""


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with LTX-Video.

    Attributes:
        decode_timestep: The timestep at which the VAE decodes, in models whose VAE takes one (0.9.1 and later: 0.05).
        decode_noise_scale: How much noise is mixed into the latents before that (0.9.1 and later: 0.025); None for as
            much as the timestep.
    """

    version = 4
    pipeline_class = "LTXImageToVideoPipeline"

    model: str = "Lightricks/LTX-Video"
    steps: Annotated[int, Field(ge=2, le=200)] = 30  # with one step its schedule divides by zero
    guidance: Guidance = 3.0
    megapixels: Megapixels = 0.35
    frames: Frames = 161
    rate: Rate = 24.0
    cache: Cache = "none"
    decode_timestep: Share = 0.0
    decode_noise_scale: Share | None = None

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "first_block", "pyramid", "taylor"))
        self._base_sampler = self._new_sampler(pipe, multiple=32, frame_step=8)
        self.prompt_encoder = image_to_video.make_prompt_encoder(
            self._base_sampler, EMBED_ARGUMENTS, guided=self.guidance > 1
        )

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        frames: PipelineFrames = pipe(
            image=request.first, width=request.first.width, height=request.first.height, num_frames=request.frames,
            frame_rate=round(self.sampler.rate), num_inference_steps=self.steps, guidance_scale=self.guidance,
            decode_timestep=self.decode_timestep, decode_noise_scale=self.decode_noise_scale,
            generator=generator(request.seed), **request.prompt_arguments(pipe, guided=self.guidance > 1),
        ).frames[0]  # fmt: skip
        return frames


_CHECKED: type[Animator] = Backend
