"""Animate a plate with LTX-2, which takes pictures for any frame; the sound that it makes with them is dropped.

HaCohen et al., LTX-2 (2026); LTX-2 community licence, which has conditions: read it. The denoiser has
19 billion weights (2.0) or 22 (2.3) and its text encoder, Gemma 3, 12: 48 GB with offload, 24 GB in 8 bits. A distilled
model needs 8 steps, each without guidance: a tenth of the time.
"""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

from pydantic import Field

from tools.animate import Animator
from tools.diffusion import image_to_video
from tools.diffusion.image_to_video import NEGATIVE_PROMPT, PipelineFrames, VideoRequest
from tools.diffusion.pipeline_backends import PipelineAnimator
from tools.diffusion.pipelines import generator
from tools.diffusion.prompt_encoder import Encoded, PipelinePromptEncoder, name_embeds
from tools.diffusion.step_caches import Cache, check_cache
from tools.negative_prompt import to_pipeline_args
from tools.options import Frames, Guidance, Megapixels, Rate
from tools.video.ffmpeg import run_ffmpeg

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture
    from torch import Tensor

EMBED_ARGUMENTS = ("prompt_embeds", "prompt_attention_mask", "negative_prompt_embeds", "negative_prompt_attention_mask")
"""Arguments of the pipeline's call, in the order in which `encode_prompt` returns them."""
MAX_TOKENS = 1024
"""Length in tokens to which the pipeline pads a prompt, on its left."""
LATENT_FRAMES = 8
"""Frames that one latent frame after the first stands for."""
GUIDED_BLOCK = 28
"""The block of the denoiser whose attention is left out for comparison (the pipeline's page in diffusers)."""


@dataclass(eq=False, kw_only=True)
class Backend(PipelineAnimator):
    """Animate a plate with LTX-2.

    Attributes:
        distilled: Whether `model` is distilled to eight steps: they have noise levels of their own, and no guidance.
        compression: How far the plate is compressed as a film before the model sees it (the CRF of H.264). The model
            learned from compressed films, and lets a picture that is too clean stand still; 0 for not at all.
    """

    version = 1
    pipeline_class = "LTX2ConditionPipeline"
    unused_components = ("prompt_enhancer", "processor", "duration_head")

    model: str = "diffusers/LTX-2.3-Diffusers"
    steps: Annotated[int, Field(ge=2, le=200)] = 30  # with one step its schedule divides by zero
    guidance: Guidance = 3.0
    megapixels: Megapixels = 0.4
    frames: Frames = 121
    rate: Rate = 24.0
    cache: Cache = "none"
    distilled: bool = False
    compression: Annotated[int, Field(ge=0, le=51)] = 33

    def __post_init__(self) -> None:
        pipe = self._new_pipe(cache=check_cache(self.cache, "taylor"))
        self._base_sampler = self._new_sampler(pipe, multiple=32, frame_step=LATENT_FRAMES, key_frames="any")
        self.prompt_encoder = PipelinePromptEncoder(
            pipe, self._encode, image_to_video.video_prompt, (NEGATIVE_PROMPT, self._is_guided),
            split_clips=self._base_sampler.clip_prompts,
        )  # fmt: skip

    @property
    def _is_guided(self) -> bool:
        return self.guidance > 1 and not self.distilled

    def _call(self, pipe: DiffusionPipeline, request: VideoRequest) -> PipelineFrames:
        from diffusers.pipelines.ltx2.pipeline_ltx2_condition import LTX2VideoCondition
        from diffusers.pipelines.ltx2.utils import DISTILLED_SIGMA_VALUES

        config = pipe.transformer.config
        perturbs = config.perturbed_attn and not self.distilled
        steps = {"sigmas": DISTILLED_SIGMA_VALUES} if self.distilled else {"num_inference_steps": self.steps}
        if self.distilled:  # these noise levels are used as they are
            pipe.scheduler = type(pipe.scheduler).from_config(
                pipe.scheduler.config, use_dynamic_shifting=False, shift_terminal=None
            )
        perturbed = 1.0 if perturbs else 0.0
        guidance = self.guidance if self._is_guided else 1.0
        known = [
            LTX2VideoCondition(compress_as_film(frame, self.compression), latent_index(number, request.frames), crf=0)
            for number, frame in {0: request.first, **request.known}.items()
        ]
        frames: PipelineFrames = pipe(
            conditions=known, width=request.first.width, height=request.first.height, num_frames=request.frames,
            frame_rate=self.sampler.rate, guidance_scale=guidance, audio_guidance_scale=guidance,
            stg_scale=perturbed, audio_stg_scale=perturbed,
            spatio_temporal_guidance_blocks=[GUIDED_BLOCK] if perturbs else None,
            modality_scale=1.0, audio_modality_scale=1.0,  # which sound is heard makes no picture
            use_cross_timestep=config.cross_attn_mod, generator=generator(request.seed), **steps,
            **_padded(request.prompt_arguments(pipe, guided=self._is_guided)),
        ).frames[0]  # fmt: skip
        return frames

    def _encode(self, pipe: DiffusionPipeline, text: str) -> Encoded:
        """Encode a text with the loaded pipeline, without the padding: a token has 370 KB, since all layers count."""
        given = to_pipeline_args(text, NEGATIVE_PROMPT, guided=self._is_guided)
        encoded = name_embeds(EMBED_ARGUMENTS, pipe.encode_prompt(*given, self._is_guided))
        return {
            name: value if value is None else value[:, -_count_tokens(encoded, name) :]
            for name, value in encoded.items()
        }


def compress_as_film(picture: Picture, crf: int) -> Picture:
    """Return a picture as it looks in a film of one frame (H.264), with a CRF of 1 to 51; 0 leaves it as it is.

    Raises BackendError if ffmpeg fails, StorageError if the disk is full.
    """
    if not crf:
        return picture
    from PIL import Image

    with tempfile.TemporaryDirectory() as folder:
        before, film, after = (Path(folder) / name for name in ("before.png", "film.mp4", "after.png"))
        picture.save(before, compress_level=1)
        encoder = ["-c:v", "libx264", "-preset", "veryfast", "-crf", str(crf), "-pix_fmt", "yuv420p"]
        run_ffmpeg(["-i", str(before), *encoder, str(film)], film)
        run_ffmpeg(["-i", str(film), str(after)], after)
        with Image.open(after) as made:
            compressed: Picture = made.convert("RGB")
            return compressed


def latent_index(number: int, frames: int) -> int:
    """Return the latent frame that begins nearest to a frame of a clip of 8 k + 1 frames: 0, 1, 9, 17 and so on."""
    if number == 0:
        return 0
    return min(round((number - 1) / LATENT_FRAMES) + 1, (frames - 1) // LATENT_FRAMES)


def _count_tokens(encoded: Encoded, name: str) -> int:
    """Return the tokens of the prompt, or of the negative prompt, that a tensor belongs to."""
    mask = encoded["negative_prompt_attention_mask" if name.startswith("negative") else "prompt_attention_mask"]
    assert mask is not None, "a tensor has a mask"
    return int(mask.sum())


def _padded(arguments: Any) -> dict[str, Any]:
    """Return the arguments of a call with embeddings padded on their left: what stands there is masked."""
    import torch

    def pad(value: Tensor) -> Tensor:
        missing = (value.shape[0], MAX_TOKENS - value.shape[1], *value.shape[2:])
        return torch.cat([value.new_zeros(missing), value], dim=1)

    return {name: pad(value) if isinstance(value, torch.Tensor) else value for name, value in arguments.items()}


_CHECKED: type[Animator] = Backend
