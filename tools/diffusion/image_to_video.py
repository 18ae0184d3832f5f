"""Run an image-to-video pipeline on a plate and return the motion, with the number of frames the model really made.

This is common to all image-to-video pipelines. The plate is resized to a size that suits the model, and the frames are
resized back. When memory runs out, the call is repeated with more relief. A shot longer than one call of the model is
either chained, each clip starting at the last frame of the one before, brought back to the plate (`chain_anchors.py`),
and with its own prompt where the prompt is a schedule (MTVG, Oh et al. 2023), or generated in one call with temporal
windows (`methods/temporal_windows.py`). A shot with key pictures is made span by span (`clip_spans.py`).
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
from tools.backends import KeyFrames
from tools.devices import Relief
from tools.diffusion import clip_spans, pipelines
from tools.diffusion.chain_anchors import anchor_frames
from tools.diffusion.clip_spans import Span
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
from tools.plates import Image, KeyFrame, Motion, Plate
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
    known: Mapping[int, Picture] = field(default_factory=dict)
    """Further known frames by their number, above 0, at the size to generate."""

    @property
    def last(self) -> Picture | None:
        """The last frame, if it is known."""
        return self.known.get(self.frames - 1)

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


PipelineCall = Callable[["DiffusionPipeline", VideoRequest], PipelineFrames]
"""A function that calls a pipeline as a request asks for."""


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
    key_frames: KeyFrames = "none"
    """Where the model takes known frames besides the first: nowhere, at the end of a clip, or anywhere."""
    overlap: int = 1
    """How many of the last frames of a clip the next one of a chain begins with; more than one show their speed."""
    prompt_embeds: Tensors | None = field(default=None, compare=False)
    """Prompt embeddings by argument name, if the prompt was encoded before."""

    def __post_init__(self) -> None:
        ways = [way for way in get_args(retiming.Longer) if way != "windows" or self.windows]
        if self.longer not in ways:
            raise BackendError(
                f"this model knows no way to film longer shots by {self.longer}", f"write longer = {', '.join(ways)}"
            )

    def with_spec(self, spec: VideoModelSpec) -> VideoSampler:
        """Return a copy in which a rate or frame number of 0 is replaced by that of the model's spec.

        It takes no key frames if the model takes no last frame.
        """
        key_frames = self.key_frames if spec.accepts_last_frame else "none"
        return replace(
            self, rate=self.rate or spec.rate, max_frames=self.max_frames or spec.frames, key_frames=key_frames
        )

    def frame_count(self, seconds: float) -> int:
        """Return how many frames to request: enough for the shot, a multiple of `frame_step` plus 1.

        They are at most `max_frames`, except where the model films longer shots through temporal windows.
        """
        needed = max(1, math.ceil(seconds * self.rate))
        frames = self.frame_step * math.ceil(needed / self.frame_step) + 1
        return frames if self.longer == "windows" else min(self.max_frames, frames)

    def fit_frames(self, length: int) -> int:
        """Return how many frames to request for so many: a multiple of `frame_step` plus 1, at most `max_frames`."""
        steps = max(1, math.ceil((length - 1) / self.frame_step))
        return min(self.frame_step * steps, max(self.frame_step, self.max_frames - 1)) + 1

    @property
    def overlap_frames(self) -> int:
        """Return how many known frames a clip of a chain begins with: at most a quarter of it."""
        return min(self.overlap, max(1, self.max_frames // 4))

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
        return 2 * math.ceil(seconds * self.rate / max(1, self.max_frames - self.overlap_frames))


def generate_motion(
    sampler: VideoSampler,
    plate: Plate,
    call: PipelineCall,
    *,
    seconds: float,
    prompt: str,
    seed: int,
    keys: Sequence[KeyFrame] = (),
    assemble: Assemble | None = None,
) -> Motion:
    """Generate a motion of `seconds` from `plate` by calling `call(pipe, request)`, once or in a chain.

    `call` returns any number of frames, PIL images or arrays in 0..1. Without `keys` the first frame of the motion is
    the model's version of the plate, not the plate itself; with them it is the plate, and each key picture is one frame
    of the motion. Raises BackendError if the weights are missing, the device runs out of memory, or the model takes no
    key pictures.
    """
    if keys and sampler.key_frames == "none":
        raise BackendError("this model takes no key pictures besides the first", "choose one that does, or leave them")
    with sampler.pipe.load(assemble) as pipe:
        pipelines.enable_tiling(pipe, pipelines.FILM_TILE)  # always, for film: decoding takes the most memory of all
        clips = _ClipMaker(sampler, plate, call, pipe, seconds, sampler.encoded_clip_prompts(prompt), seed)
        if keys:
            return clips.make_keyed(keys)
        frames = clips.make_open(plate.pixels, 0.0)
    shown, rate = retiming.retime(frames, sampler.rate, sampler.cadence)
    return Motion(retiming.fit_length(shown, rate, seconds, sampler.longer), plate.box, rate)


@dataclass
class _ClipMaker:
    """Makes the clips of one shot with a loaded pipeline."""

    sampler: VideoSampler
    plate: Plate
    call: PipelineCall
    pipe: DiffusionPipeline
    seconds: float
    prompts: Sequence[tuple[str, Tensors | None]]
    """Each with its embeddings, if it was encoded before; they follow each other in equal shares of the shot."""
    seed: int
    made: int = 0
    """The number of clips made so far."""

    def make_keyed(self, keys: Sequence[KeyFrame]) -> Motion:
        """Make the motion from the plate through key pictures, span by span."""
        sampler, plate = self.sampler, self.plate
        rate = clip_spans.shown_rate(sampler.rate, sampler.cadence)
        count = clip_spans.drawing_count(self.seconds, rate)
        placed = clip_spans.place_keys(keys, seconds=self.seconds, rate=sampler.rate, shown_rate=rate)
        total = max(placed[-1].frame, round((count - 1) / rate * sampler.rate)) + 1
        is_whole = sampler.key_frames == "any" and total <= sampler.max_frames
        parts = [plate.pixels[np.newaxis]]
        for span in clip_spans.plan_spans(plate.pixels, placed, total, is_whole=is_whole):
            parts.append(self._make_span(span)[1:] if span.keys else self._make_end(span)[1:])
        frames, _ = retiming.retime(np.concatenate(parts), sampler.rate, sampler.cadence)
        shown, numbers = clip_spans.show_keys(frames, placed, plate.pixels, count)
        return Motion(shown, plate.box, rate, numbers)

    def make_open(self, first: Image, begun: float) -> Image:
        """Make the frames from a picture at second `begun` to the end of the shot; one clip, or a chain."""
        sampler = self.sampler
        frames = self._make_clip(first[np.newaxis], begun)
        clips = 1
        while (
            sampler.longer == "chain"
            and (done := begun + (len(frames) - 1) / sampler.rate) < self.seconds
            and clips < sampler.max_clips(self._clip_seconds) * len(self.prompts)
        ):
            known = self._anchor(frames, first, sampler.overlap_frames)
            coming = self._make_clip(known, done)[len(known) :]
            clips += 1
            if not len(coming):
                break
            frames = np.concatenate([frames, coming])
        return frames

    def _make_span(self, span: Span) -> Image:
        """Make the frames of a span that ends on a key picture; the last clip of a chain comes to it."""
        sampler, frames = self.sampler, span.first[np.newaxis]
        while sampler.longer == "chain" and span.length - len(frames) + 1 > sampler.max_frames:
            known = self._anchor(frames, span.first, sampler.overlap_frames) if len(frames) > 1 else frames
            coming = self._draw(
                dict(enumerate(known)),
                sampler.max_frames,
                self._prompt_index((span.start + len(frames) - 1) / sampler.rate),
            )
            if len(coming) <= len(known):
                break
            frames = np.concatenate([frames, coming[len(known) :]])
        begun = len(frames) - 1
        rest = replace(span, start=span.start + begun, length=span.length - begun)
        count = sampler.fit_frames(rest.length)
        first = self._anchor(frames, span.first, 1)[0] if begun else span.first
        made = self._draw({0: first, **rest.known_frames(count)}, count, self._prompt_index(rest.start / sampler.rate))
        return np.concatenate([frames, clip_spans.spread_frames(made, rest.length, count)[1:]])

    def _make_end(self, span: Span) -> Image:
        """Make the frames after the last key picture."""
        made = self.make_open(span.first, span.start / self.sampler.rate)
        return clip_spans.spread_frames(made[: span.length], span.length, len(made))

    def _make_clip(self, known: Image, done_seconds: float) -> Image:
        """Make a clip that begins with known frames, the last of which stands at second `done_seconds`."""
        sampler, overlap = self.sampler, len(known) - 1
        index = self._prompt_index(done_seconds)
        remaining = (index + 1) * self._clip_seconds - done_seconds
        made = self._draw(
            dict(enumerate(known)), sampler.frame_count(remaining + overlap / sampler.rate), index
        )  # fmt: skip
        is_last = index == len(self.prompts) - 1
        return made if is_last else made[: math.ceil(remaining * sampler.rate - 1e-6) + 1 + overlap]

    def _draw(self, known: Mapping[int, Image], count: int, prompt_index: int) -> Image:
        """Draw `count` frames, some of which are known, in one call of the pipeline, with relief where memory lacks."""
        text, embeds = self.prompts[prompt_index]
        seed, self.made = self.seed * 1000 + self.made, self.made + 1

        def draw(relief: Relief) -> Image:
            pipelines.apply_relief(self.pipe, relief)
            pictures = {number: _resize_frame(self.sampler, frame, relief.size) for number, frame in known.items()}
            first = pictures.pop(0)
            request = VideoRequest(first, text, count, seed, embeds, pictures)
            with with_step_cache(self.pipe, self.sampler.pipe.cache):
                return _convert_frames(self.call(self.pipe, request), self.plate)

        return devices.with_relief(draw)

    def _anchor(self, frames: Image, first: Image, count: int) -> Image:
        """Return the last frames of a clip as the next one begins with them."""
        return anchor_frames(frames, replace(self.plate, pixels=first), count, self.sampler.rate)

    def _prompt_index(self, done_seconds: float) -> int:
        """Return the number of the prompt at a second of the shot."""
        return min(len(self.prompts) - 1, int(done_seconds / self._clip_seconds + 1e-6)) if self._clip_seconds else 0

    @property
    def _clip_seconds(self) -> float:
        return self.seconds / len(self.prompts)


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
