"""Animate a plate with Stable Video Diffusion, which takes no prompt.

Blattmann et al. (2023); Stability community licence. Trained on photographs: weak on drawings.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from tools.animate import Animator
from tools.diffusion import model_specs
from tools.diffusion.image_to_video import PipelineFrames, VideoRequest
from tools.diffusion.model_specs import VideoModelSpec
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.options import Frames, Guidance, Megapixels, Rate, Steps

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with Stable Video Diffusion; `frames` and `rate` default to those that the model was trained on.

    Attributes:
        motion: The motion bucket: how much moves (1..255).
    """

    version = 3
    pipeline_class = "StableVideoDiffusionPipeline"

    model: str = "stabilityai/stable-video-diffusion-img2vid-xt"
    steps: Steps = 25
    guidance: Guidance = 3.0
    megapixels: Megapixels = 0.59
    frames: Frames | None = None
    rate: Rate | None = None
    motion: Annotated[int, Field(ge=1, le=255)] = 90

    def __post_init__(self) -> None:
        self._base_sampler = self._new_sampler(self._new_pipe(), multiple=64, frame_step=1)

    def _spec(self) -> VideoModelSpec:
        return model_specs.svd_spec(self._base_sampler.pipe.weights)

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        frames: PipelineFrames = pipe(
            image=request.first, width=request.first.width, height=request.first.height, num_frames=request.frames,
            num_inference_steps=self.steps, max_guidance_scale=self.guidance, fps=round(self.sampler.rate),
            motion_bucket_id=self.motion, decode_chunk_size=4, generator=generator(request.seed),
        ).frames[0]  # fmt: skip
        return frames


_CHECKED: type[Animator] = Backend
