"""Animate a plate with CogVideoX image-to-video.

Yang et al., CogVideoX (2024); the weights have a licence of their own. 12 GB with offload.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.animate import Animator
from tools.diffusion import image_to_video, model_specs
from tools.diffusion.image_to_video import PipelineFrames, VideoRequest
from tools.diffusion.model_specs import VideoModelSpec
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Frames, Guidance, Megapixels, Rate, Steps

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with CogVideoX; `frames` and `rate` default to those that the model was trained on."""

    version = 3
    pipeline_class = "CogVideoXImageToVideoPipeline"

    model: str = "THUDM/CogVideoX-5b-I2V"
    steps: Steps = 50
    guidance: Guidance = 6.0
    megapixels: Megapixels = 0.345
    frames: Frames | None = None
    rate: Rate | None = None
    cache: Cache = "none"

    def __post_init__(self) -> None:
        never_with = "guidance up to 1" if self.cache == "faster" and self.guidance <= 1 else ""
        cache = check_cache(self.cache, "first_block", "pyramid", "faster", "taylor", never_with=never_with)
        self._base_sampler = self._new_sampler(self._new_pipe(cache=cache), multiple=16, frame_step=8)
        self.prompt_encoder = image_to_video.make_prompt_encoder(
            self._base_sampler, image_to_video.EMBED_ARGUMENTS, guided=self.guidance > 1
        )

    def _spec(self) -> VideoModelSpec:
        return model_specs.cogvideox_spec(self._base_sampler.pipe.weights)

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        frames: PipelineFrames = pipe(
            image=request.first, width=request.first.width, height=request.first.height, num_frames=request.frames,
            num_inference_steps=self.steps, guidance_scale=self.guidance, use_dynamic_cfg=False,
            generator=generator(request.seed), **request.prompt_arguments(pipe, guided=self.guidance > 1),
        ).frames[0]  # fmt: skip
        return frames


_CHECKED: type[Animator] = Backend
