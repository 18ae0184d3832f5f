"""Films a plate by Stable Video Diffusion; it hears no words.

Blattmann et al. (2023); Stability community licence. Trained on photographs: weak on drawn pictures.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import cached_property
from typing import Annotated, Any

from pydantic import Field

from tools.diffusion import families, filming
from tools.diffusion.filming import Asked, Reel
from tools.diffusion.pipes import Offload, Pipe, generator
from tools.diffusion.weights import Weights
from tools.filming.timing import Cadence, Longer
from tools.options import Frames, Guidance, Megapixels, Precision, Rate, Steps
from tools.plates import Image, Motion, Plate


class Backend:
    """`rate` is the model's own, `frames` the most of one call, as it was taught where they are not named.

    `cadence` and `longer` are of `timing.py`. `motion` is how much moves (1..255).
    """

    version = 2
    generates = True
    looks = False

    def __init__(
        self,
        *,
        model: str = "stabilityai/stable-video-diffusion-img2vid-xt",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 25,
        guidance: Guidance = 3.0,
        megapixels: Megapixels = 0.59,
        frames: Frames | None = None,
        rate: Rate | None = None,
        cadence: Cadence = "model",
        longer: Longer = "hold",
        offload: Offload = "none",
        lora: str = "",
        motion: Annotated[int, Field(ge=1, le=255)] = 90,
    ) -> None:
        pipe = Pipe(
            "StableVideoDiffusionPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None,
        )  # fmt: skip
        self._reel = Reel(
            pipe, megapixels, multiple=64, rate=rate or 0, step=1, most=frames or 0, cadence=cadence, longer=longer,
        )  # fmt: skip
        self.steps, self.guidance = steps, guidance
        self.motion = motion

    @cached_property
    def reel(self) -> Reel:
        """How it films. Raises BackendError when the weights are not on this machine."""
        return self._reel.taught(families.svd(self._reel.pipe.weights))

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

    def _call(self, pipe: Any, asked: Asked) -> Sequence[Any]:
        film: Sequence[Any] = pipe(
            image=asked.first, width=asked.first.width, height=asked.first.height, num_frames=asked.frames,
            num_inference_steps=self.steps, max_guidance_scale=self.guidance, fps=round(self.reel.rate),
            motion_bucket_id=self.motion, decode_chunk_size=4, generator=generator(asked.seed),
        ).frames[0]  # fmt: skip
        return film
