"""Films a plate by CogVideoX image-to-video.

Yang et al., CogVideoX (2024); the weights have a licence of their own. 12 GB with offload.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Any

from tools.diffusion import families, filming
from tools.diffusion.caches import Cache, known
from tools.diffusion.filming import Asked, Reel
from tools.diffusion.pipes import Offload, Pipe, generator
from tools.diffusion.weights import Weights
from tools.diffusion.words import told
from tools.filming.timing import Cadence, Longer
from tools.options import Frames, Guidance, Megapixels, Precision, Rate, Steps
from tools.plates import Image, Motion, Plate


class Backend:
    """`rate` is the model's own, `frames` the most of one call, as it was taught where they are not named.

    `cadence` and `longer` are of `timing.py`."""

    version = 2
    generates = True
    looks = False

    def __init__(
        self,
        *,
        model: str = "THUDM/CogVideoX-5b-I2V",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 50,
        guidance: Guidance = 6.0,
        megapixels: Megapixels = 0.345,
        frames: Frames | None = None,
        rate: Rate | None = None,
        cadence: Cadence = "model",
        longer: Longer = "hold",
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
    ) -> None:
        pipe = Pipe(
            "CogVideoXImageToVideoPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None,
            cache=known(
                cache, "first_block", "pyramid", "faster", "taylor",
                never_with="guidance up to 1" if cache == "faster" and guidance <= 1 else "",
            ),
        )  # fmt: skip
        self._reel = Reel(
            pipe, megapixels, multiple=16, rate=rate or 0, step=8, most=frames or 0, cadence=cadence, longer=longer,
        )  # fmt: skip
        self.steps, self.guidance = steps, guidance
        self.ear = filming.ear(self._reel, filming.PLAIN, guided=guidance > 1)

    @cached_property
    def reel(self) -> Reel:
        """How it films. Raises BackendError when the weights are not on this machine."""
        return self._reel.taught(families.cogvideox(self._reel.pipe.weights))

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
        """Film `plate`; see the promise in `tools/animate`."""
        return filming.filmed(self.reel, plate, self._call, seconds=seconds, prompt=prompt, seed=seed)

    def _call(self, pipe: Any, asked: Asked) -> Sequence[Any]:
        film: Sequence[Any] = pipe(
            image=asked.first, width=asked.first.width, height=asked.first.height, num_frames=asked.frames,
            num_inference_steps=self.steps, guidance_scale=self.guidance, use_dynamic_cfg=False,
            generator=generator(asked.seed), **asked.said(pipe, guided=self.guidance > 1),
        ).frames[0]  # fmt: skip
        return film
