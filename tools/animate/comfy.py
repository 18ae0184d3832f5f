"""Animate a plate by a workflow of a ComfyUI server of your own, also with models that diffusers lacks.

The workflow is a file in ComfyUI's API format with placeholders such as %picture% (docs/drawing.md). The licences of
the weights that it names are yours to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Literal

import cv2
from pydantic import Field

from tools.animate import Animator
from tools.comfy.outputs import decode_frames
from tools.comfy.runner import ComfyRunner
from tools.diffusion.image_to_video import NEGATIVE_PROMPT, video_prompt
from tools.diffusion.pipelines import size_bucket
from tools.options import Frames, Megapixels, Rate
from tools.pixels import as_image
from tools.plates import Image, Motion, Plate
from tools.video import retiming
from tools.video.retiming import Cadence


class Backend:
    """Animate a plate by a workflow.

    Args:
        workflow: The file of the workflow; it uses at least %picture%.
        url: The server's address on this machine, "" for KOMADORI_COMFY_URL or http://127.0.0.1:8188.
        output: Title or id of the node whose files count; "" for every node that saves files.
        seconds: Time for one shot.
        megapixels: Area of the picture that is sent, in millions of pixels; %width% and %height% are its size.
        multiple: Both sides of that picture are multiples of this many pixels.
        frames: The most frames of a shot; %frames% are those that it needs, a multiple of `frame_step` plus 1.
        frame_step: See `frames`.
        rate: Frames per second of the model, unless a video file says its own.
        cadence: How many different images per second are shown (`tools/video/retiming.py`).
        longer: "hold" or "back and forth": how a shot is filled that is longer than what the model made.
    """

    version = 1
    generates = True
    shared = True

    def __init__(
        self,
        *,
        workflow: str,
        url: str = "",
        output: str = "",
        seconds: Annotated[float, Field(gt=0, le=86_400)] = 1800.0,
        megapixels: Megapixels = 0.4,
        multiple: Annotated[int, Field(ge=1, le=128)] = 16,
        frames: Frames = 81,
        frame_step: Annotated[int, Field(ge=1, le=32)] = 4,
        rate: Rate = 16.0,
        cadence: Cadence = "twos",
        longer: Literal["hold", "back and forth"] = "hold",
    ) -> None:
        self._runner = ComfyRunner(workflow, ("picture",), url=url, seconds=seconds, output=output)
        self._megapixels, self._multiple = megapixels, multiple
        self._frames, self._frame_step, self._rate = frames, frame_step, rate
        self._cadence, self._longer = cadence, longer

    @property
    def identity(self) -> str:
        """The hash of the workflow. Raises BackendError if it cannot be read."""
        return self._runner.identity

    @property
    def looks(self) -> bool:
        """Whether the workflow looks at references. Raises BackendError if it cannot be read."""
        return self._runner.uses_references

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Animate a plate; see the protocol in `tools/animate`."""
        height, width = plate.pixels.shape[:2]
        size = size_bucket(width, height, megapixels=self._megapixels, multiple=self._multiple)
        is_smaller = size[0] * size[1] < width * height
        first = cv2.resize(plate.pixels, size, interpolation=cv2.INTER_AREA if is_smaller else cv2.INTER_CUBIC)
        steps = -(-max(1, round(seconds * self._rate)) // self._frame_step)
        files = self._runner.run(
            as_image(first), None, references, prompt=video_prompt(prompt), negative=NEGATIVE_PROMPT,
            numbers={
                "seed": seed, "seconds": seconds, "rate": self._rate,
                "frames": min(self._frames, steps * self._frame_step + 1),
            },
        )  # fmt: skip
        made, rate = decode_frames(files, (width, height))
        frames, rate = retiming.retime(made, rate or self._rate, self._cadence)
        return Motion(retiming.fit_length(frames, rate, seconds, self._longer), plate.box, rate)


_CHECKED: type[Animator] = Backend
