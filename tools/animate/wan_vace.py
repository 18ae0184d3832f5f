"""Films a plate by Wan VACE, from its first frame on: references beside it say who is who.

Jiang et al., VACE (2025); Apache-2.0. The 1.3B takes 8 to 10 GB, the 14B about 40.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from tools.diffusion import filming
from tools.diffusion.caches import Cache, known
from tools.diffusion.filming import Asked, Reel
from tools.diffusion.methods import frameinit
from tools.diffusion.pipes import Offload, Pipe, generator
from tools.diffusion.weights import Weights
from tools.diffusion.words import told
from tools.filming.timing import Cadence, Longer
from tools.options import Frames, Guidance, Megapixels, Precision, Rate, Steps, Weight
from tools.plates import Image, Motion, Plate

LONGEST = 512
"""Tokens, as many as the pipeline's own call takes."""


class Backend:
    """`rate` is the model's own, `frames` the most of one call; `cadence` and `longer` are of `timing.py`.

    `scale` is how much the given frames and references weigh. `frameinit` begins with noise that has the plate's own
    tones (ConsistI2V; needs no training).
    """

    version = 1
    generates = True

    def __init__(
        self,
        *,
        model: str = "Wan-AI/Wan2.1-VACE-1.3B-diffusers",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 30,
        guidance: Guidance = 5.0,
        megapixels: Megapixels = 0.4,
        frames: Frames = 81,
        rate: Rate = 16.0,
        cadence: Cadence = "model",
        longer: Longer = "hold",
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
        scale: Weight = 1.0,
        frameinit: bool = False,
    ) -> None:
        pipe = Pipe(
            "WanVACEPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, cache=known(cache, "taylor"),
        )  # fmt: skip
        self.reel = Reel(
            pipe, megapixels, multiple=16, rate=rate, step=4, most=frames, cadence=cadence, longer=longer
        )  # fmt: skip
        self.steps, self.guidance = steps, guidance
        self.scale, self.frameinit = scale, frameinit
        self.ear = filming.ear(self.reel, filming.PLAIN, guided=guidance > 1, longest=LONGEST)

    @property
    def identity(self) -> str:
        """Which weights film."""
        return self.reel.pipe.identity

    @property
    def awake(self) -> str:
        """What stands on the device while it films."""
        return self.reel.pipe.name

    def told(self, words: bytes) -> Backend:
        """The same with words from `ear.encode`: the text encoder is not loaded."""
        return told(self, "reel", words)

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Film `plate`; see the promise in `tools/animate`. It looks at the references too."""
        from PIL import Image as Pictures

        looked_at = [Pictures.fromarray(np.ascontiguousarray(one)) for one in references]

        def call(pipe: Any, asked: Asked) -> Sequence[Any]:
            return self._call(pipe, asked, looked_at)

        return filming.filmed(self.reel, plate, call, seconds=seconds, prompt=prompt, seed=seed)

    def _call(self, pipe: Any, asked: Asked, references: list[Any]) -> Sequence[Any]:
        from PIL import Image as Pictures

        size, count = asked.first.size, asked.frames
        unknown, given = Pictures.new("RGB", size, (128, 128, 128)), Pictures.new("L", size, 0)
        begun: Any = {"latents": frameinit.wan(pipe, asked, shown=len(references))} if self.frameinit else {}
        film: Sequence[Any] = pipe(
            video=[asked.first, *[unknown] * (count - 1)], mask=[given, *[Pictures.new("L", size, 255)] * (count - 1)],
            reference_images=references or None, width=size[0], height=size[1], num_frames=count,
            num_inference_steps=self.steps, guidance_scale=self.guidance, conditioning_scale=self.scale,
            generator=generator(asked.seed), **asked.said(pipe, guided=self.guidance > 1), **begun,
        ).frames[0]  # fmt: skip
        return film
