"""Animate a plate with AnimateDiff and SparseCtrl, which add motion to any Stable Diffusion 1.5 checkpoint; 8 GB.

Guo et al., AnimateDiff (2023) and SparseCtrl (2023); Apache-2.0 and OpenRAIL.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.animate import Animator
from tools.diffusion import latents
from tools.diffusion.image_to_video import PipelineFrames, VideoRequest
from tools.diffusion.methods import frameinit, temporal_windows
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.diffusion.weights import Weights
from tools.options import Frames, Guidance, Megapixels, Rate, Steps, Weight

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from torch import Tensor


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with AnimateDiff and SparseCtrl.

    Training-free methods are off by default: `longer` = windows generates a shot of any length in one call, through
    overlapping windows of `frames` (FreeNoise, AVID); `frameinit` starts from noise with the plate's own tones
    (ConsistI2V).

    Attributes:
        model: Any SD 1.5 checkpoint.
        motion: A motion adapter.
        control: A SparseCtrl model for RGB frames.
        hold: Scale of SparseCtrl: how closely the first frame follows the plate.
        frameinit: Whether to start from noise with the plate's own tones.
    """

    version = 4
    pipeline_class = "AnimateDiffSparseControlNetPipeline"
    usual_config = "stable-diffusion-v1-5/stable-diffusion-v1-5"

    model: str = "stable-diffusion-v1-5/stable-diffusion-v1-5"
    steps: Steps = 25
    guidance: Guidance = 7.5
    megapixels: Megapixels = 0.26
    frames: Frames = 16
    rate: Rate = 8.0
    motion: str = "guoyww/animatediff-motion-adapter-v1-5-3"
    control: str = "guoyww/animatediff-sparsectrl-rgb"
    hold: Weight = 1.0
    frameinit: bool = False

    def __post_init__(self) -> None:
        pipe = self._new_pipe(
            adapters=(("motion", Weights(self.motion)), ("control", Weights(self.control))),
            way="windows" if self.windows else "",
        )
        self._base_sampler = self._new_sampler(pipe, multiple=8, frame_step=1, windows=True, key_frames="any")

    @property
    def windows(self) -> bool:
        """Return whether a long shot is generated in one call through overlapping windows."""
        return self.longer == "windows"

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        frames: PipelineFrames = pipe(
            conditioning_frames=[request.first, *request.known.values()],
            controlnet_frame_indices=[0, *request.known], controlnet_conditioning_scale=self.hold,
            width=request.first.width, height=request.first.height, num_frames=request.frames,
            guidance_scale=self.guidance, num_inference_steps=self.steps, generator=generator(request.seed),
            **request.prompt_arguments(pipe, guided=self.guidance > 1),
            **self._initial_latents(pipe, request),
        ).frames[0]  # fmt: skip
        return frames

    def _initial_latents(self, pipe: DiffusionPipeline, request: VideoRequest) -> dict[str, Tensor]:
        """Return the initial latents if they are not plain noise."""
        if not (self.frameinit or self.windows):
            return {}
        first = latents.encode_video_frame(pipe, request.first)
        noise = latents.gaussian_noise((*first.shape[:2], request.frames, *first.shape[3:]), seed=request.seed)
        if self.windows:
            temporal_windows.fit_windows(pipe, request.frames, self.sampler.max_frames)
            noise = temporal_windows.repeat_noise(noise, self.sampler.max_frames, seed=request.seed)
        return {
            "latents": (frameinit.mix_low_frequencies(noise, first) if self.frameinit else noise).to(pipe.unet.dtype)
        }

    def _assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        from diffusers import DPMSolverMultistepScheduler, MotionAdapter, SparseControlNetModel

        adapters = dict(self.sampler.pipe.adapters)
        model_arguments = {name: arguments[name] for name in ("dtype", "use_safetensors", "local_files_only")}
        motion = MotionAdapter.from_pretrained(str(adapters["motion"].folder), **model_arguments)
        control = SparseControlNetModel.from_pretrained(str(adapters["control"].folder), **model_arguments)
        kind = temporal_windows.add_free_noise(kind) if self.windows else kind
        pipe = self.pipe.from_pretrained(kind, {**arguments, "motion_adapter": motion, "controlnet": control})
        # the motion modules were trained with linear betas, not with those of Stable Diffusion; the sampler is that of
        # the pipeline's own example
        pipe.scheduler = DPMSolverMultistepScheduler.from_config(
            pipe.scheduler.config, beta_schedule="linear", algorithm_type="dpmsolver++", use_karras_sigmas=True
        )
        if self.windows:
            temporal_windows.enable_windows(pipe, self.sampler.max_frames)
        return pipe


_CHECKED: type[Animator] = Backend
