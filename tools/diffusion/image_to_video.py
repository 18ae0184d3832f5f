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
PLAIN = "prompt_embeds", "negative_prompt_embeds"
"""What most pipelines take in the place of words."""
ALIVE = "black and white manga drawing come alive, subtle natural motion, hair and cloth move, steady camera"
Film = Sequence["Picture | NDArray[np.float32]"]
"""The frames that a pipeline made: PIL pictures, or arrays (h, w, 3) of 0..1."""


@dataclass(frozen=True)
class VideoRequest:
    """One call: the first frame, a PIL picture of the size to film at, the words, and the number of frames wished.

    `words` are tensors by name where they were encoded before.
    """

    first: Picture
    prompt: str
    frames: int
    seed: int
    words: Tensors | None = None

    def prompt_arguments(self, pipe: DiffusionPipeline, *, guided: bool | None = None) -> Mapping[str, object]:
        """The words as arguments of a call; a negative prompt is heard where it is `guided`, None takes none."""
        if self.words is not None:
            return embed_arguments(pipe, self.words)
        if guided is None:
            return {"prompt": self.prompt}
        prompt, negative = to_pipeline_args(self.prompt, STEADY, guided=guided)
        return {"prompt": prompt, "negative_prompt": negative}


@dataclass(frozen=True)
class VideoSampler:
    """How a model films: `step` frames at a time after the first (4k + 1: 4), `most` in one call, `rate` a second.

    `cadence` and `longer` are of `timing.py`; a model that has `windows` films any length in one call with
    them; `words` are what a film shows, where they were encoded before. Raises BackendError for a `longer` that there
    is not.
    """

    pipe: PipelineSpec
    megapixels: float
    multiple: int
    rate: float
    step: int
    most: int
    cadence: retiming.Cadence = "model"
    longer: retiming.Longer = "hold"
    windows: bool = False
    words: Tensors | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        ways = [way for way in get_args(retiming.Longer) if way != "windows" or self.windows]
        if self.longer not in ways:
            raise BackendError(
                f"this model knows no way to film longer shots by {self.longer}", f"write longer = {', '.join(ways)}"
            )

    def with_spec(self, family: VideoModelSpec) -> VideoSampler:
        """The same, with the rate and the frames of the model's own family where nobody named others (0)."""
        return replace(self, rate=self.rate or family.rate, most=self.most or family.frames)

    def count(self, seconds: float) -> int:
        """How many frames to wish for: as many as the shot needs, in the model's own steps, and no more than it can."""
        needed = max(1, math.ceil(seconds * self.rate))
        wished = self.step * math.ceil(needed / self.step) + 1
        return wished if self.longer == "windows" else min(self.most, wished)

    def turns(self, prompt: str) -> tuple[str, ...]:
        """What is asked of one clip after another: all at once, except in a chain."""
        return split_schedule(prompt) if self.longer == "chain" else (prompt,)

    def said(self, prompt: str) -> list[tuple[str, Tensors | None]]:
        """The whole text of every turn, or its words where they were encoded before."""
        if self.words is None:
            return [(worded(one), None) for one in self.turns(prompt)]
        return [(worded(prompt), words) for words in split_embeds(self.words)]

    def clips(self, seconds: float) -> int:
        """How many calls a chain may take: twice as many as it needs, for a model that gives fewer frames."""
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
    """Let `call(pipe, asked)` film `plate` for `seconds`; it gives frames of any number, PIL or arrays of 0..1.

    The first frame of the motion is what the model made of the plate, not the plate itself. Raises BackendError when
    the weights are missing, or the device's memory does not suffice.
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
    """What encodes a film's words, where its pipeline does so for all in one way, giving tensors by `names`.

    The negative prompt is heard where the model is `guided`; a text has up to `longest` tokens, 0 for the model's own.
    """
    most = {"max_sequence_length": longest} if longest else {}

    def say(pipe: DiffusionPipeline, text: str) -> Encoded:
        return name_embeds(names, pipe.encode_prompt(*to_pipeline_args(text, STEADY, guided=guided), guided, **most))

    return PipelinePromptEncoder(reel.pipe, say, worded, (STEADY, guided), reel.turns)


def worded(prompt: str) -> str:
    """What every film is told, and what this one is told."""
    return f"{ALIVE}, {prompt}" if prompt else ALIVE


def _picture(reel: VideoSampler, frame: Image, size: float) -> Picture:
    from PIL import Image as Pictures

    height, width = frame.shape[:2]
    wanted = pipelines.size_bucket(width, height, megapixels=reel.megapixels * size**2, multiple=reel.multiple)
    shrinks = wanted[0] * wanted[1] < width * height
    scaled = cv2.resize(frame, wanted, interpolation=cv2.INTER_AREA if shrinks else cv2.INTER_CUBIC)
    return Pictures.fromarray(np.ascontiguousarray(scaled))


def _frames(found: Film, plate: Plate) -> Image:
    """Whatever a pipeline gave as (n, h, w, 3) RGB of the plate's own size."""
    height, width = plate.pixels.shape[:2]
    made = []
    for one in found:
        frame = np.asarray(one)
        if frame.dtype != np.uint8:
            frame = np.clip(np.nan_to_num(np.asarray(frame, np.float32)) * 255 + 0.5, 0, 255).astype(np.uint8)
        made.append(cv2.resize(frame[..., :3], (width, height), interpolation=cv2.INTER_CUBIC))
    return np.stack(made)


def _seconds(parts: Sequence[Image], rate: float) -> float:
    return (sum(len(part) for part in parts) - 1) / rate
