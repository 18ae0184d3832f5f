"""Films a plate by LTX-Video 0.9.x: small and fast, 8 GB with offload.

HaCohen et al., LTX-Video (2024); the weights of each version have a licence of their own: read it.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.diffusion import filming
from tools.diffusion.caches import Cache, known
from tools.diffusion.filming import Asked, Reel
from tools.diffusion.pipes import Offload, Pipe, generator
from tools.diffusion.weights import Weights
from tools.diffusion.words import told
from tools.filming.timing import Cadence, Longer
from tools.options import Frames, Guidance, Megapixels, Precision, Rate, Steps
from tools.plates import Image, Motion, Plate

WORDS = ("prompt_embeds", "prompt_attention_mask", "negative_prompt_embeds", "negative_prompt_attention_mask")


class Backend:
    """`rate` is the model's own, `frames` the most of one call; `cadence` and `longer` are of `timing.py`."""

    version = 1
    generates = True
    looks = False

    def __init__(
        self,
        *,
        model: str = "Lightricks/LTX-Video",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 30,
        guidance: Guidance = 3.0,
        megapixels: Megapixels = 0.35,
        frames: Frames = 161,
        rate: Rate = 24.0,
        cadence: Cadence = "model",
        longer: Longer = "hold",
        offload: Offload = "none",
        lora: str = "",
        cache: Cache = "none",
    ) -> None:
        pipe = Pipe(
            "LTXImageToVideoPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, cache=known(cache, "first_block", "pyramid", "taylor"),
        )  # fmt: skip
        self.reel = Reel(
            pipe, megapixels, multiple=32, rate=rate, step=8, most=frames, cadence=cadence, longer=longer
        )  # fmt: skip
        self.steps, self.guidance = steps, guidance
        self.ear = filming.ear(self.reel, WORDS, guided=guidance > 1)

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
            frame_rate=round(self.reel.rate), num_inference_steps=self.steps, guidance_scale=self.guidance,
            generator=generator(asked.seed), **asked.said(pipe, guided=self.guidance > 1),
        ).frames[0]  # fmt: skip
        return film
