"""Animate a plate with FramePack, section by section, so that long shots need no more memory than short ones.

Zhang and Agrawala (2025), on HunyuanVideo; Tencent community licence, which excludes the EU. From 6 GB with offload.
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
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, name_embeds
from tools.diffusion.weights import Weights
from tools.options import Frames, Guidance, Megapixels, Rate, Steps

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with FramePack.

    Attributes:
        window: Length of a section in latent frames.
        transformer: Weights of FramePack's transformer; "" if `model` contains it.
        sight: Weights of the image encoder for the plate; "" if `model` contains it.
    """

    version = 4
    pipeline_class = "HunyuanVideoFramepackPipeline"

    model: str = "hunyuanvideo-community/HunyuanVideo"
    steps: Steps = 30
    guidance: Guidance = 9.0
    megapixels: Megapixels = 0.4
    frames: Frames = 241
    rate: Rate = 30.0
    window: Annotated[int, Field(ge=1, le=64)] = 9
    transformer: str = "lllyasviel/FramePackI2V_HY"
    sight: str = "lllyasviel/flux_redux_bfl"

    def __post_init__(self) -> None:
        pipe = self._new_pipe(adapters=(("sight", Weights(self.sight)),) if self.sight else ())
        self._base_sampler = self._new_sampler(pipe, multiple=16, frame_step=4, key_frames="last")
        self.prompt_encoder = (
            None
            if self.lora
            else PipelinePromptEncoder(
                pipe, self._encode, image_to_video.video_prompt, split_clips=self._base_sampler.clip_prompts
            )
        )

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        frames: PipelineFrames = pipe(
            image=request.first, last_image=request.last,
            width=request.first.width, height=request.first.height, num_frames=request.frames,
            num_inference_steps=self.steps, guidance_scale=self.guidance, latent_window_size=self.window,
            generator=generator(request.seed), **request.prompt_arguments(pipe),
        ).frames[0]  # fmt: skip
        return frames

    def _encode(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        """Encode a text with the loaded pipeline."""
        return name_embeds(("prompt_embeds", "pooled_prompt_embeds", "prompt_attention_mask"), pipe.encode_prompt(text))

    def _assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        from transformers import SiglipImageProcessor, SiglipVisionModel

        adapters, parts = dict(self.sampler.pipe.adapters), dict[str, object]()
        model_arguments = {name: arguments[name] for name in ("dtype", "use_safetensors", "local_files_only")}
        if "sight" in adapters:
            folder = str(adapters["sight"].folder)
            parts["image_encoder"] = SiglipVisionModel.from_pretrained(
                folder, subfolder="image_encoder", **model_arguments
            )
            parts["feature_extractor"] = SiglipImageProcessor.from_pretrained(
                folder, subfolder="feature_extractor", local_files_only=True
            )  # fmt: skip
        return self.sampler.pipe.from_pretrained(kind, {**parts, **arguments})


_CHECKED: type[Animator] = Backend
