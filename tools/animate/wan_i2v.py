"""Films a plate by Wan image-to-video: 2.1, 2.2 with two experts, the 5B of both, and finetunes such as AniSora.

Wan Team, Wan (2025); Apache-2.0. 2.2 A14B wants 80 GB plain, 24 GB with group offload; TI2V-5B about 24 GB, 10 with
offload. The 14B models make 16 frames a second, 81 at a time, the 5B 24 and 121. A step-distilled LoRA (lightx2v: 4
steps, guidance 1) is the largest single saving of time.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from storage.errors import BackendError
from tools.diffusion import families, filming
from tools.diffusion.caches import Cache, known
from tools.diffusion.filming import Asked, Reel
from tools.diffusion.methods import frameinit
from tools.diffusion.pipes import Offload, Pipe, generator
from tools.diffusion.weights import Weights
from tools.diffusion.words import told
from tools.filming.timing import Cadence, Longer
from tools.options import Frames, Guidance, Megapixels, Precision, Rate, Steps
from tools.plates import Image, Motion, Plate

LONGEST = 512
"""Tokens, as many as the pipeline's own call takes."""


class Backend:
    """`rate` is the model's own, `frames` the most of one call, as it was taught where they are not named.

    `cadence` and `longer` are of `timing.py`. With `loop` the film ends on the plate itself: first and last frame are
    given (2.1 FLF, 2.2 A14B; refused for the 5B, which hears no last frame). `frameinit` begins with noise that has
    the plate's own tones (ConsistI2V; needs no training).
    """

    version = 2
    generates = True
    looks = False

    def __init__(
        self,
        *,
        model: str = "Wan-AI/Wan2.2-TI2V-5B-Diffusers",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 30,
        guidance: Guidance = 5.0,
        megapixels: Megapixels = 0.9,
        frames: Frames | None = None,
        rate: Rate | None = None,
        cadence: Cadence = "model",
        longer: Longer = "hold",
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
        loop: bool = False,
        frameinit: bool = False,
    ) -> None:
        pipe = Pipe(
            "WanImageToVideoPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, cache=known(cache, "first_block", "taylor"),
        )  # fmt: skip
        self._reel = Reel(
            pipe, megapixels, multiple=32, rate=rate or 0, step=4, most=frames or 0, cadence=cadence, longer=longer,
        )  # fmt: skip
        self.steps, self.guidance = steps, guidance
        self.loop, self.frameinit = loop, frameinit
        self.ear = filming.ear(self._reel, filming.PLAIN, guided=guidance > 1, longest=LONGEST)

    @cached_property
    def reel(self) -> Reel:
        """How it films. Raises BackendError when the weights are not on this machine, or `loop` would do nothing."""
        family = families.wan(self._reel.pipe.weights)
        if self.loop and not family.ends:
            raise BackendError(
                f"{self._reel.pipe.weights.model} hears no last frame: loop does nothing with it",
                "leave out loop, or name a model such as Wan-AI/Wan2.2-I2V-A14B-Diffusers",
            )
        return self._reel.taught(family)

    @property
    def identity(self) -> str:
        """Which weights film."""
        return self.reel.pipe.identity

    @property
    def awake(self) -> str:
        """What stands on the device while it films."""
        return self.reel.pipe.name

    def animate(self, plate: Plate, *, seconds: float, prompt: str, references: Sequence[Image], seed: int) -> Motion:
        """Film `plate`; see the promise in `tools/animate`."""
        return filming.filmed(self.reel, plate, self._call, seconds=seconds, prompt=prompt, seed=seed)

    def told(self, words: bytes) -> Backend:
        """The same with words from `ear.encode`: the text encoder is not loaded."""
        return told(self, "reel", words)

    def _call(self, pipe: Any, asked: Asked) -> Sequence[Any]:
        last: Any = {"last_image": asked.first} if self.loop else {}
        begun: Any = {"latents": frameinit.wan(pipe, asked)} if self.frameinit else {}
        film: Sequence[Any] = pipe(
            image=asked.first, width=asked.first.width, height=asked.first.height, num_frames=asked.frames,
            num_inference_steps=self.steps, guidance_scale=self.guidance, generator=generator(asked.seed),
            **asked.said(pipe, guided=self.guidance > 1), **last, **begun,
        ).frames[0]  # fmt: skip
        return film
