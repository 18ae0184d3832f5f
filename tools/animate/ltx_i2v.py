"""Animate a plate with LTX-Video 0.9.x, which is small and fast; 8 GB with offload.

HaCohen et al., LTX-Video (2024); the weights of each version have a licence of their own: read it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Annotated

from pydantic import Field

from storage.errors import BackendError
from tools.animate import Animator
from tools.diffusion import image_to_video, model_specs
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
        conditions: Whether the model takes known frames at any moment (0.9.5 and later; LTXConditionPipeline).
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
    conditions: bool = False

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "first_block", "pyramid", "taylor"))
        if self.conditions:
            pipe = replace(pipe, classname="LTXConditionPipeline")
        self._base_sampler = self._new_sampler(
            pipe, multiple=32, frame_step=8, key_frames="any" if self.conditions else "none"
        )
        self.prompt_encoder = image_to_video.make_prompt_encoder(
            self._base_sampler, EMBED_ARGUMENTS, guided=self.guidance > 1
        )

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights. Raises BackendError if `conditions` are not for them."""
        weights = self._base_sampler.pipe.weights
        if self.conditions and not model_specs.takes_conditions(weights):
            raise BackendError(
                f"{weights.model} takes no conditions: it was made before LTX-Video 0.9.5", "leave out conditions"
            )
        return super().identity

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        frames: PipelineFrames = pipe(
            **self._known_frames(request),
            width=request.first.width, height=request.first.height, num_frames=request.frames,
            frame_rate=round(self.sampler.rate), num_inference_steps=self.steps, guidance_scale=self.guidance,
            decode_timestep=self.decode_timestep, decode_noise_scale=self.decode_noise_scale,
            generator=generator(request.seed), **request.prompt_arguments(pipe, guided=self.guidance > 1),
        ).frames[0]  # fmt: skip
        return frames

    def _known_frames(self, request: VideoRequest) -> dict[str, object]:
        """Return the arguments that name the first frame, and further known frames."""
        if not self.conditions:
            return {"image": request.first}
        from diffusers.pipelines.ltx.pipeline_ltx_condition import LTXVideoCondition

        # `image` as a list would do as well, but the pipeline drops all pictures after the first one of it
        known = {0: request.first, **request.known}
        return {"conditions": [LTXVideoCondition(image=image, frame_index=number) for number, image in known.items()]}


_CHECKED: type[Animator] = Backend
