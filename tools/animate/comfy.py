"""Animate a plate by a workflow of a ComfyUI server of your own, also with models that diffusers lacks.

The workflow is a file in ComfyUI's API format with placeholders such as %picture% (docs/drawing.md). The licences of
the weights that it names are yours to know.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Annotated, Literal

from pydantic import Field

from tools.animate import Animator
from tools.comfy.backends import ComfyBackend, WorkflowSeconds
from tools.comfy.outputs import decode_frames
from tools.diffusion.image_to_video import NEGATIVE_PROMPT, video_prompt
from tools.options import Frames, Megapixels, Rate
from tools.plates import Image, Motion, Plate
from tools.video import retiming
from tools.video.retiming import Cadence


@dataclass(eq=False, kw_only=True)
class Backend(ComfyBackend):
    """Animate a plate by a workflow, which uses at least %picture%.

    Attributes:
        frames: The most frames of a shot; %frames% are those that it needs, a multiple of `frame_step` plus 1.
        frame_step: See `frames`.
        rate: Frames per second of the model, unless a video file says its own.
        cadence: How many different images per second are shown (`tools/video/retiming.py`).
        longer: "hold" or "back and forth": how a shot is filled that is longer than what the model made.
    """

    version = 1

    seconds: WorkflowSeconds = 1800.0
    megapixels: Megapixels = 0.4
    frames: Frames = 81
    frame_step: Annotated[int, Field(ge=1, le=32)] = 4
    rate: Rate = 16.0
    cadence: Cadence = "twos"
    longer: Literal["hold", "back and forth"] = "hold"

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Animate a plate; see the protocol in `tools/animate`."""
        height, width = plate.pixels.shape[:2]
        steps = -(-max(1, round(seconds * self.rate)) // self.frame_step)
        files = self._runner.run(
            self._fit(plate.pixels), None, references, prompt=video_prompt(prompt), negative=NEGATIVE_PROMPT,
            numbers={
                "seed": seed, "seconds": seconds, "rate": self.rate,
                "frames": min(self.frames, steps * self.frame_step + 1),
            },
        )  # fmt: skip
        made, rate = decode_frames(files, (width, height))
        frames, rate = retiming.retime(made, rate or self.rate, self.cadence)
        return Motion(retiming.fit_length(frames, rate, seconds, self.longer), plate.box, rate)


_CHECKED: type[Animator] = Backend
