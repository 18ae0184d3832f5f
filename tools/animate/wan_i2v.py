"""Animate a plate with Wan image-to-video: 2.1, 2.2 with two experts, the 5B model, and finetunes such as AniSora.

Wan Team, Wan (2025); Apache-2.0. 2.2 A14B needs 80 GB without offload and 24 GB with group offload; TI2V-5B about
24 GB, or 10 GB with offload. The 14B models make 16 frames per second and 81 per call, the 5B model 24 and 121. A
step-distilled LoRA (lightx2v: 4 steps, guidance 1) saves the most time.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from storage.errors import BackendError
from tools.animate import Animator
from tools.diffusion import image_to_video, model_specs
from tools.diffusion.image_to_video import PipelineFrames, VideoRequest
from tools.diffusion.loras import Lora, parse_loras
from tools.diffusion.methods import frameinit
from tools.diffusion.model_specs import VideoModelSpec
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.diffusion.schedulers import with_shift
from tools.diffusion.step_caches import Cache, check_cache
from tools.diffusion.weights import Weights
from tools.options import Frames, Guidance, Megapixels, Names, Rate, Shift, Steps

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline

MAX_TOKENS = 512
"""Maximum length of a prompt in tokens, that of the pipeline's own call."""


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with Wan; `frames`, `rate`, `guidance` and `shift` default to those that the model was made for.

    Attributes:
        guidance_2: Guidance scale of the expert for low noise (2.2 A14B); None for that of the other.
        shift: Shift of the scheduler.
        loop: Whether the video ends on the plate, which is passed as first and last frame (2.1 FLF, 2.2 A14B; refused
            for the 5B model, which takes no last frame). A clip that comes to a key picture ends on that.
        lora_high_noise: LoRAs for the expert that denoises high noise (2.2 A14B).
        lora_low_noise: LoRAs for the expert that denoises low noise.
        transformer_2: A denoiser in place of the expert for low noise, named as `transformer` is.
        frameinit: Whether to start from noise with the plate's own tones (ConsistI2V; training-free).
    """

    version = 5
    pipeline_class = "WanImageToVideoPipeline"

    model: str = "Wan-AI/Wan2.2-TI2V-5B-Diffusers"
    steps: Steps = 30
    guidance: Guidance | None = None
    guidance_2: Guidance | None = None
    shift: Shift | None = None
    megapixels: Megapixels = 0.9
    frames: Frames | None = None
    rate: Rate | None = None
    cache: Cache = "none"
    loop: bool = False
    frameinit: bool = False
    lora_high_noise: Names = ""
    lora_low_noise: Names = ""
    transformer_2: str = ""

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "first_block", "taylor"))
        self._base_sampler = self._new_sampler(pipe, multiple=32, frame_step=4, key_frames="last")
        self.prompt_encoder = image_to_video.make_prompt_encoder(
            self._base_sampler, image_to_video.EMBED_ARGUMENTS, guided=self._is_guided, max_tokens=MAX_TOKENS
        )

    @property
    def identity(self) -> str:
        """Return a string that identifies the weights, and how they are sampled where that is not Wan's usual way."""
        spec = self._model_spec
        return super().identity + (f" guidance={spec.guidance} shift={spec.shift}" if spec.shift else "")

    @property
    def _is_guided(self) -> bool:
        """Return whether the negative prompt has an effect: all models are made for a guidance over 1."""
        return self.guidance is None or self.guidance > 1

    @cached_property
    def _model_spec(self) -> VideoModelSpec:
        """Return what the model was trained for. Raises BackendError if the weights are not on this machine."""
        return model_specs.wan_spec(self._base_sampler.pipe.weights)

    def _loras(self) -> tuple[Lora, ...]:
        high_noise = parse_loras(self.lora_high_noise, "high_noise")
        return (*super()._loras(), *high_noise, *parse_loras(self.lora_low_noise, "low_noise"))

    def _denoisers(self) -> tuple[tuple[str, Weights], ...]:
        second = (("transformer_2", Weights(self.transformer_2)),) if self.transformer_2 else ()
        return (*super()._denoisers(), *second)

    def _spec(self) -> VideoModelSpec:
        """Return the spec that the model was trained on. Raises BackendError if an option would have no effect."""
        spec, model = self._model_spec, self._base_sampler.pipe.weights.model
        if self.loop and not spec.accepts_last_frame:
            raise BackendError(
                f"{model} hears no last frame: loop does nothing with it",
                "leave out loop, or name a model such as Wan-AI/Wan2.2-I2V-A14B-Diffusers",
            )
        only_for_two = ("guidance_2", "lora_high_noise", "lora_low_noise", "transformer_2")
        if not spec.has_experts and (given := [name for name in only_for_two if getattr(self, name)]):
            raise BackendError(
                f"{model} has one denoiser, and no experts for high and low noise: {given[0]} does nothing with it",
                f"leave out {given[0]}",
            )
        return spec

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        spec = self._model_spec
        guidance = spec.guidance if self.guidance is None else self.guidance
        last = request.last or (request.first if self.loop else None)
        last_image = {"last_image": last} if last else {}
        initial_latents = {"latents": frameinit.wan_initial_latents(pipe, request)} if self.frameinit else {}
        with with_shift(pipe, self.shift or spec.shift):
            frames: PipelineFrames = pipe(
                image=request.first, width=request.first.width, height=request.first.height,
                num_frames=request.frames, num_inference_steps=self.steps, guidance_scale=guidance,
                guidance_scale_2=self.guidance_2, generator=generator(request.seed),
                **request.prompt_arguments(pipe, guided=self._is_guided), **last_image, **initial_latents,
            ).frames[0]  # fmt: skip
        return frames


_CHECKED: type[Animator] = Backend
