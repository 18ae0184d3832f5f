"""Run an image-to-video pipeline on a plate and return the motion, with the number of frames the model really made.

This is common to all image-to-video pipelines. The plate is resized to a size that suits the model, and the frames are
resized back. When memory runs out, the call is repeated with more relief. A shot longer than one call of the model is
either chained, each clip starting at the last frame of the one before and with its own prompt where the prompt is a
schedule (MTVG, Oh et al. 2023), or generated in one call with temporal windows (`methods/temporal_windows.py`).
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, get_args

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.errors import BackendError
from tools import devices
from tools.devices import Relief
from tools.diffusion import pipelines
from tools.diffusion.model_specs import VideoModelSpec
from tools.diffusion.pipelines import Assemble, PipelineSpec
from tools.diffusion.prompt_encoder import (
    Encoded,
    PipelinePromptEncoder,
    Tensors,
    embed_arguments,
    name_embeds,
    split_embeds,
)
from tools.diffusion.step_caches import with_step_cache
from tools.negative_prompt import split_schedule, to_pipeline_args
from tools.plates import Image, Motion, Plate
from tools.video import retiming

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture

NEGATIVE_PROMPT = (
    "static, still picture, camera shake, zoom, cut, morphing, flicker, text, watermark, blurry, deformed hands, "
    "extra limbs"
)
"""Default negative prompt; its beginning is from the one that Wan's authors use."""
EMBED_ARGUMENTS = "prompt_embeds", "negative_prompt_embeds"
"""The arguments that most pipelines take in place of the prompts."""
PROMPT_PREFIX = (
    "a drawing comes alive in its own lines, shading and colours, subtle natural motion, hair and cloth move, "
    "steady camera"
)
"""Text at the beginning of every prompt, for books in black and white and in colour."""
PipelineFrames = Sequence["Picture | NDArray[np.float32]"]
"""The frames that a pipeline made: PIL images, or arrays (h, w, 3) in 0..1."""


@dataclass(frozen=True)
class VideoRequest:
    """The arguments of one call of a pipeline."""

    first: Picture
    """The first frame, at the size to generate."""
    prompt: str
    frames: int
    """The number of frames requested."""
    seed: int
    prompt_embeds: Tensors | None = None
    """Prompt embeddings by argument name, if the prompt was encoded before."""

    def prompt_arguments(self, pipe: DiffusionPipeline, *, guided: bool | None = None) -> Mapping[str, object]:
        """Return the prompt, or its embeddings, as keyword arguments of the pipeline's call.

        A negative prompt is passed unless `guided` is None, for pipelines that take none; it has an effect only if
        `guided` is True.
        """
        if self.prompt_embeds is not None:
            return embed_arguments(pipe, self.prompt_embeds)
        if guided is None:
            return {"prompt": self.prompt}
        prompt, negative = to_pipeline_args(self.prompt, NEGATIVE_PROMPT, guided=guided)
        return {"prompt": prompt, "negative_prompt": negative}


@dataclass(frozen=True)
class VideoSampler:
    """Sampling settings of a video model. Raises BackendError for a value of `longer` it does not support."""

    pipe: PipelineSpec
    megapixels: float
    multiple: int
    rate: float
    """Frames per second of the model; 0 for that of its spec."""
    frame_step: int
    """The number of frames after the first is a multiple of this (4k + 1 frames: 4)."""
    max_frames: int
    """Maximum number of frames in one call; 0 for that of its spec."""
    cadence: retiming.Cadence = "model"
    """How many different images per second are shown (see `tools/video/retiming.py`)."""
    longer: retiming.Longer = "hold"
    """How a shot longer than one call is made (see `tools/video/retiming.py`)."""
    windows: bool = False
    """Whether the model can generate any length in one call through temporal windows."""
    prompt_embeds: Tensors | None = field(default=None, compare=False)
    """Prompt embeddings by argument name, if the prompt was encoded before."""

    def __post_init__(self) -> None:
        ways = [way for way in get_args(retiming.Longer) if way != "windows" or self.windows]
        if self.longer not in ways:
            raise BackendError(
                f"this model knows no way to film longer shots by {self.longer}", f"write longer = {', '.join(ways)}"
            )

    def with_spec(self, spec: VideoModelSpec) -> VideoSampler:
        """Return a copy in which a rate or frame number of 0 is replaced by that of the model's spec."""
        return replace(self, rate=self.rate or spec.rate, max_frames=self.max_frames or spec.frames)

    def frame_count(self, seconds: float) -> int:
        """Return how many frames to request: enough for the shot, a multiple of `frame_step` plus 1.

        They are at most `max_frames`, except where the model films longer shots through temporal windows.
        """
        needed = max(1, math.ceil(seconds * self.rate))
        frames = self.frame_step * math.ceil(needed / self.frame_step) + 1
        return frames if self.longer == "windows" else min(self.max_frames, frames)

    def clip_prompts(self, prompt: str) -> tuple[str, ...]:
        """Return the prompt of each clip: several if clips are chained, else the whole prompt once."""
        return split_schedule(prompt) if self.longer == "chain" else (prompt,)

    def encoded_clip_prompts(self, prompt: str) -> list[tuple[str, Tensors | None]]:
        """Return the text of each clip's prompt, with its embeddings if the prompt was encoded before."""
        if self.prompt_embeds is None:
            return [(video_prompt(text), None) for text in self.clip_prompts(prompt)]
        return [(video_prompt(prompt), embeds) for embeds in split_embeds(self.prompt_embeds)]

    def max_clips(self, seconds: float) -> int:
        """Return how many calls a chain may take: twice as many as needed, for models that return fewer frames."""
        return 2 * math.ceil(seconds * self.rate / max(1, self.max_frames - 1))


def generate_motion(
    sampler: VideoSampler,
    plate: Plate,
    call: Callable[[DiffusionPipeline, VideoRequest], PipelineFrames],
    *,
    seconds: float,
    prompt: str,
    seed: int,
    assemble: Assemble | None = None,
) -> Motion:
    """Generate a motion of `seconds` from `plate` by calling `call(pipe, request)`, once or in a chain.

    `call` returns any number of frames, PIL images or arrays in 0..1. The first frame of the motion is the model's
    version of the plate, not the plate itself. Raises BackendError if the weights are missing or the device runs out of
    memory.
    """
    prompts = sampler.encoded_clip_prompts(prompt)
    clip_seconds = seconds / len(prompts)

    def clip(relief: Relief, first: Image, done_seconds: float, number: int) -> Image:
        pipelines.apply_relief(pipe, relief)
        image = _resize_frame(sampler, first, relief.size)
        index = min(len(prompts) - 1, int(done_seconds / clip_seconds + 1e-6)) if clip_seconds else 0
        remaining, (prompt_text, embeds) = (index + 1) * clip_seconds - done_seconds, prompts[index]
        request = VideoRequest(image, prompt_text, sampler.frame_count(remaining), seed * 1000 + number, embeds)
        with with_step_cache(pipe, sampler.pipe.cache):
            frames_made = _convert_frames(call(pipe, request), plate)
        return (
            frames_made if index == len(prompts) - 1 else frames_made[: math.ceil(remaining * sampler.rate - 1e-6) + 1]
        )

    with sampler.pipe.load(assemble) as pipe:
        pipelines.enable_tiling(pipe, pipelines.FILM_TILE)  # always, for film: decoding takes the most memory of all
        clips = [devices.with_relief(lambda relief: clip(relief, plate.pixels, 0.0, 0))]
        while (
            sampler.longer == "chain"
            and (done_seconds := _length_seconds(clips, sampler.rate)) < seconds
            and len(clips) < sampler.max_clips(clip_seconds) * len(prompts)
        ):
            last_frame, number = clips[-1][-1], len(clips)
            next_clip = devices.with_relief(
                lambda relief, last_frame=last_frame, number=number, done_seconds=done_seconds: clip(
                    relief, last_frame, done_seconds, number
                )  # type: ignore[misc]
            )
            if len(next_clip) < 2:
                break
            clips.append(next_clip[1:])
    frames, rate = retiming.retime(np.concatenate(clips), sampler.rate, sampler.cadence)
    return Motion(retiming.fit_length(frames, rate, seconds, sampler.longer), plate.box, rate)


def make_prompt_encoder(
    sampler: VideoSampler, names: Sequence[str], *, guided: bool, max_tokens: int = 0
) -> PipelinePromptEncoder:
    """Return a prompt encoder for a video pipeline whose `encode_prompt` takes the usual arguments.

    `names` are the pipeline arguments of the tensors it returns. The negative prompt is encoded if the model is
    `guided`; a text has up to `max_tokens` tokens, 0 for the pipeline's default.
    """
    length = {"max_sequence_length": max_tokens} if max_tokens else {}

    def encode(pipe: DiffusionPipeline, text: str) -> Encoded:
        return name_embeds(
            names, pipe.encode_prompt(*to_pipeline_args(text, NEGATIVE_PROMPT, guided=guided), guided, **length)
        )

    return PipelinePromptEncoder(sampler.pipe, encode, video_prompt, (NEGATIVE_PROMPT, guided), sampler.clip_prompts)


def video_prompt(prompt: str) -> str:
    """Return the whole text of a prompt, with the part that all videos share."""
    return f"{PROMPT_PREFIX}, {prompt}" if prompt else PROMPT_PREFIX


def _resize_frame(sampler: VideoSampler, frame: Image, size: float) -> Picture:
    """Resize a frame to the model's size, as a PIL image; `size` is the relief's factor on both sides."""
    from PIL import Image as Pictures

    height, width = frame.shape[:2]
    target = pipelines.size_bucket(width, height, megapixels=sampler.megapixels * size**2, multiple=sampler.multiple)
    is_smaller = target[0] * target[1] < width * height
    scaled = cv2.resize(frame, target, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC)
    return Pictures.fromarray(np.ascontiguousarray(scaled))


def _convert_frames(made: PipelineFrames, plate: Plate) -> Image:
    """Convert the frames of a pipeline to (n, h, w, 3) RGB uint8 of the plate's own size."""
    height, width = plate.pixels.shape[:2]
    frames = []
    for item in made:
        frame = np.asarray(item)
        if frame.dtype != np.uint8:
            frame = np.clip(np.nan_to_num(np.asarray(frame, np.float32)) * 255 + 0.5, 0, 255).astype(np.uint8)
        frames.append(cv2.resize(frame[..., :3], (width, height), interpolation=cv2.INTER_CUBIC))
    return np.stack(frames)


def _length_seconds(parts: Sequence[Image], rate: float) -> float:
    """Return the length of the clips in seconds, measured from the first frame to the last."""
    return (sum(len(part) for part in parts) - 1) / rate
