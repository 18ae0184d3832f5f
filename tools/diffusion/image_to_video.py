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

STEADY = "camera shake, zoom, cut, morphing, flicker, text, watermark, blurry, deformed hands, extra limbs"
"""Default negative prompt."""
PLAIN = "prompt_embeds", "negative_prompt_embeds"
"""The arguments that most pipelines take in place of the prompts."""
ALIVE = "black and white manga drawing come alive, subtle natural motion, hair and cloth move, steady camera"
"""Text at the beginning of every prompt."""
Film = Sequence["Picture | NDArray[np.float32]"]
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
    words: Tensors | None = None
    """Prompt embeddings by argument name, if the prompt was encoded before."""

    def prompt_arguments(self, pipe: DiffusionPipeline, *, guided: bool | None = None) -> Mapping[str, object]:
        """Return the prompt, or its embeddings, as keyword arguments of the pipeline's call.

        A negative prompt is passed unless `guided` is None, for pipelines that take none; it has an effect only if
        `guided` is True.
        """
        if self.words is not None:
            return embed_arguments(pipe, self.words)
        if guided is None:
            return {"prompt": self.prompt}
        prompt, negative = to_pipeline_args(self.prompt, STEADY, guided=guided)
        return {"prompt": prompt, "negative_prompt": negative}


@dataclass(frozen=True)
class VideoSampler:
    """Sampling settings of a video model. Raises BackendError for a value of `longer` it does not support."""

    pipe: PipelineSpec
    megapixels: float
    multiple: int
    rate: float
    """Frames per second of the model; 0 for that of its spec."""
    step: int
    """The number of frames after the first is a multiple of this (4k + 1 frames: 4)."""
    most: int
    """Maximum number of frames in one call; 0 for that of its spec."""
    cadence: retiming.Cadence = "model"
    """How many different images per second are shown (see `tools/video/retiming.py`)."""
    longer: retiming.Longer = "hold"
    """How a shot longer than one call is made (see `tools/video/retiming.py`)."""
    windows: bool = False
    """Whether the model can generate any length in one call through temporal windows."""
    words: Tensors | None = field(default=None, compare=False)
    """Prompt embeddings by argument name, if the prompt was encoded before."""

    def __post_init__(self) -> None:
        ways = [way for way in get_args(retiming.Longer) if way != "windows" or self.windows]
        if self.longer not in ways:
            raise BackendError(
                f"this model knows no way to film longer shots by {self.longer}", f"write longer = {', '.join(ways)}"
            )

    def with_spec(self, family: VideoModelSpec) -> VideoSampler:
        """Return a copy in which a rate or frame number of 0 is replaced by that of the model's spec."""
        return replace(self, rate=self.rate or family.rate, most=self.most or family.frames)

    def count(self, seconds: float) -> int:
        """Return how many frames to request: enough for the shot, a multiple of `step` plus 1, and at most `most`."""
        needed = max(1, math.ceil(seconds * self.rate))
        wished = self.step * math.ceil(needed / self.step) + 1
        return wished if self.longer == "windows" else min(self.most, wished)

    def turns(self, prompt: str) -> tuple[str, ...]:
        """Return the prompt of each clip: several if clips are chained, else the whole prompt once."""
        return split_schedule(prompt) if self.longer == "chain" else (prompt,)

    def said(self, prompt: str) -> list[tuple[str, Tensors | None]]:
        """Return the text of each clip's prompt, with its embeddings if the prompt was encoded before."""
        if self.words is None:
            return [(worded(one), None) for one in self.turns(prompt)]
        return [(worded(prompt), words) for words in split_embeds(self.words)]

    def clips(self, seconds: float) -> int:
        """Return how many calls a chain may take: twice as many as needed, for models that return fewer frames."""
        return 2 * math.ceil(seconds * self.rate / max(1, self.most - 1))


def filmed(
    reel: VideoSampler,
    plate: Plate,
    call: Callable[[DiffusionPipeline, VideoRequest], Film],
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

    said = reel.said(prompt)
    share = seconds / len(said)

    def clip(relief: Relief, first: Image, made: float, number: int) -> Image:
        pipelines.apply_relief(pipe, relief)
        shown = _picture(reel, first, relief.size)
        turn = min(len(said) - 1, int(made / share + 1e-6)) if share else 0
        left, (text, words) = (turn + 1) * share - made, said[turn]
        asked = VideoRequest(shown, text, reel.count(left), seed * 1000 + number, words)
        with with_step_cache(pipe, reel.pipe.cache):
            found = _frames(call(pipe, asked), plate)
        return found if turn == len(said) - 1 else found[: math.ceil(left * reel.rate - 1e-6) + 1]

    with reel.pipe.load(assemble) as pipe:
        pipelines.enable_tiling(pipe)  # always, for film: decoding takes the most memory of all
        parts = [devices.with_relief(lambda relief: clip(relief, plate.pixels, 0.0, 0))]
        while (
            reel.longer == "chain"
            and (made := _seconds(parts, reel.rate)) < seconds
            and len(parts) < reel.clips(share) * len(said)
        ):
            last, number = parts[-1][-1], len(parts)
            more = devices.with_relief(
                lambda relief, last=last, number=number, made=made: clip(relief, last, made, number)  # type: ignore[misc]
            )
            if len(more) < 2:
                break
            parts.append(more[1:])
    frames, rate = retiming.retime(np.concatenate(parts), reel.rate, reel.cadence)
    return Motion(retiming.fit_length(frames, rate, seconds, reel.longer), plate.box, rate)


def make_prompt_encoder(
    reel: VideoSampler, names: Sequence[str], *, guided: bool, longest: int = 0
) -> PipelinePromptEncoder:
    """Return a prompt encoder for a video pipeline whose `encode_prompt` takes the usual arguments.

    `names` are the pipeline arguments of the tensors it returns. The negative prompt is encoded if the model is
    `guided`; a text has up to `longest` tokens, 0 for the pipeline's default.
    """
    most = {"max_sequence_length": longest} if longest else {}

    def say(pipe: DiffusionPipeline, text: str) -> Encoded:
        return name_embeds(names, pipe.encode_prompt(*to_pipeline_args(text, STEADY, guided=guided), guided, **most))

    return PipelinePromptEncoder(reel.pipe, say, worded, (STEADY, guided), reel.turns)


def worded(prompt: str) -> str:
    """Return the whole text of a prompt, with the part that all videos share."""
    return f"{ALIVE}, {prompt}" if prompt else ALIVE


def _picture(reel: VideoSampler, frame: Image, size: float) -> Picture:
    """Resize a frame to the model's size, as a PIL image; `size` is the relief's factor on both sides."""
    from PIL import Image as Pictures

    height, width = frame.shape[:2]
    wanted = pipelines.size_bucket(width, height, megapixels=reel.megapixels * size**2, multiple=reel.multiple)
    shrinks = wanted[0] * wanted[1] < width * height
    scaled = cv2.resize(frame, wanted, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return Pictures.fromarray(np.ascontiguousarray(scaled))


def _frames(found: Film, plate: Plate) -> Image:
    """Convert the frames of a pipeline to (n, h, w, 3) RGB uint8 of the plate's own size."""
    height, width = plate.pixels.shape[:2]
    made = []
    for one in found:
        frame = np.asarray(one)
        if frame.dtype != np.uint8:
            frame = np.clip(np.nan_to_num(np.asarray(frame, np.float32)) * 255 + 0.5, 0, 255).astype(np.uint8)
        made.append(cv2.resize(frame[..., :3], (width, height), interpolation=cv2.INTER_CUBIC))
    return np.stack(made)


def _seconds(parts: Sequence[Image], rate: float) -> float:
    """Return the length of the clips in seconds, measured from the first frame to the last."""
    return (sum(len(part) for part in parts) - 1) / rate
