"""Animate a plate with Wan VACE, which also takes reference images of the characters.

Jiang et al., VACE (2025); Apache-2.0. The 1.3B model needs 8 to 10 GB, the 14B model about 40 GB.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

import numpy as np

from tools.animate import Animator
from tools.diffusion import image_to_video
from tools.diffusion.image_to_video import PipelineFrames, VideoRequest
from tools.diffusion.methods import frameinit
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.diffusion.schedulers import with_shift
from tools.diffusion.step_caches import Cache, check_cache
from tools.options import Frames, Guidance, Megapixels, Rate, Shift, Steps, Weight
from tools.plates import Image, KeyFrame, Motion, Plate

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture

MAX_TOKENS = 512
"""Maximum length of a prompt in tokens, that of the pipeline's own call."""


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with Wan VACE.

    Attributes:
        shift: Shift of the scheduler; None for that of the model's own files.
        scale: Conditioning scale of the given frames and references.
        frameinit: Whether to start from noise with the plate's own tones (ConsistI2V; training-free).
    """

    version = 4
    pipeline_class = "WanVACEPipeline"
    looks = True

    model: str = "Wan-AI/Wan2.1-VACE-1.3B-diffusers"
    steps: Steps = 30
    guidance: Guidance = 5.0
    shift: Shift | None = None
    megapixels: Megapixels = 0.4
    frames: Frames = 81
    rate: Rate = 16.0
    cache: Cache = "none"
    scale: Weight = 1.0
    frameinit: bool = False

    def __post_init__(self) -> None:
        self._base_sampler = self._new_sampler(
            self._new_pipe(cache=check_cache(self.cache, "taylor")), multiple=16, frame_step=4,
            key_frames="any", overlap=5,
        )  # fmt: skip
        self.prompt_encoder = image_to_video.make_prompt_encoder(
            self._base_sampler, image_to_video.EMBED_ARGUMENTS, guided=self.guidance > 1, max_tokens=MAX_TOKENS
        )

    def animate(
        self,
        plate: Plate,
        *,
        seconds: float,
        prompt: str,
        references: Sequence[Image],
        seed: int,
        keys: Sequence[KeyFrame] = (),
    ) -> Motion:
        """Animate `plate` with the references; see the protocols in `tools/animate`."""
        from PIL import Image as Pictures

        images = [Pictures.fromarray(np.ascontiguousarray(reference)) for reference in references]

        call = partial(self._call, references=images)
        return image_to_video.generate_motion(
            self.sampler, plate, call, seconds=seconds, prompt=prompt, seed=seed, keys=keys
        )

    def _call(
        self, pipe: DiffusionPipeline, request: VideoRequest, references: Sequence[Picture] = ()
    ) -> PipelineFrames:
        from PIL import Image as Pictures

        size, count = request.first.size, request.frames
        known = {0: request.first, **request.known}
        grey_frame, keep_mask = Pictures.new("RGB", size, (128, 128, 128)), Pictures.new("L", size, 0)
        draw_mask = Pictures.new("L", size, 255)
        initial_latents = (
            {"latents": frameinit.wan_initial_latents(pipe, request, reference_count=len(references))}
            if self.frameinit
            else {}
        )
        with with_shift(pipe, self.shift):
            frames: PipelineFrames = pipe(
                video=[known.get(number, grey_frame) for number in range(count)],
                mask=[keep_mask if number in known else draw_mask for number in range(count)],
                reference_images=list(references) or None, width=size[0], height=size[1], num_frames=count,
                num_inference_steps=self.steps, guidance_scale=self.guidance, conditioning_scale=self.scale,
                generator=generator(request.seed), **request.prompt_arguments(pipe, guided=self.guidance > 1),
                **initial_latents,
            ).frames[0]  # fmt: skip
        return frames


_CHECKED: type[Animator] = Backend
