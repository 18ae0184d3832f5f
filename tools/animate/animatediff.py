"""Films a plate by AnimateDiff with SparseCtrl: any Stable Diffusion 1.5 checkpoint learns to move, in 8 GB.

Guo et al., AnimateDiff (2023) and SparseCtrl (2023); Apache-2.0 and OpenRAIL.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tools.diffusion import filming, latents
from tools.diffusion.filming import Asked, Reel
from tools.diffusion.methods import frameinit, windows
from tools.diffusion.pipes import Offload, Pipe, generator
from tools.diffusion.weights import Weights
from tools.filming.timing import Cadence, Longer
from tools.options import Frames, Guidance, Megapixels, Precision, Rate, Steps, Weight
from tools.plates import Image, Motion, Plate


class Backend:
    """`rate` is the model's own, `frames` the most of one call; `cadence` and `longer` are of `timing.py`.

    `model` is any SD 1.5 checkpoint, `motion` a motion adapter, `control` a SparseCtrl of RGB; `hold` is how closely
    the first frame keeps to the plate.

    Methods that need no training, off unless named: `longer` = windows films a shot of any length at once, through
    windows of `frames` that overlap (FreeNoise, AVID); `frameinit` begins with noise that has the plate's own tones
    (ConsistI2V).
    """

    version = 1
    generates = True
    looks = False

    def __init__(
        self,
        *,
        model: str = "stable-diffusion-v1-5/stable-diffusion-v1-5",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 25,
        guidance: Guidance = 7.5,
        megapixels: Megapixels = 0.26,
        frames: Frames = 16,
        rate: Rate = 8.0,
        cadence: Cadence = "model",
        longer: Longer = "hold",
        offload: Offload = "none",
        lora: str = "",
        motion: str = "guoyww/animatediff-motion-adapter-v1-5-3",
        control: str = "guoyww/animatediff-sparsectrl-rgb",
        hold: Weight = 1.0,
        frameinit: bool = False,
    ) -> None:
        pipe = Pipe(
            "AnimateDiffSparseControlNetPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None,
            adapters=(("motion", Weights(motion)), ("control", Weights(control))),
            way="windows" if longer == "windows" else "",
        )  # fmt: skip
        self.reel = Reel(
            pipe, megapixels, multiple=8, rate=rate, step=1, most=frames, cadence=cadence, longer=longer,
            windows=True,
        )  # fmt: skip
        self.steps, self.guidance = steps, guidance
        self.hold, self.frameinit, self.windows = hold, frameinit, longer == "windows"

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
        return filming.filmed(
            self.reel, plate, self._call, seconds=seconds, prompt=prompt, seed=seed, assemble=self._assemble
        )

    def _call(self, pipe: Any, asked: Asked) -> Sequence[Any]:
        film: Sequence[Any] = pipe(
            conditioning_frames=[asked.first], controlnet_frame_indices=[0], controlnet_conditioning_scale=self.hold,
            width=asked.first.width, height=asked.first.height, num_frames=asked.frames, guidance_scale=self.guidance,
            num_inference_steps=self.steps, generator=generator(asked.seed),
            **asked.said(pipe, guided=self.guidance > 1),
            **self._begun(pipe, asked),
        ).frames[0]  # fmt: skip
        return film

    def _begun(self, pipe: Any, asked: Asked) -> dict[str, Any]:
        """The latents to begin with, where they are not mere chance."""
        if not (self.frameinit or self.windows):
            return {}
        first = latents.shown(pipe, asked.first)
        noise = latents.chance((*first.shape[:2], asked.frames, *first.shape[3:]), seed=asked.seed)
        if self.windows:
            windows.fitted(pipe, asked.frames, self.reel.most)
            noise = windows.repeated(noise, self.reel.most, seed=asked.seed)
        return {"latents": (frameinit.begun(noise, first) if self.frameinit else noise).to(pipe.unet.dtype)}

    def _assemble(self, kind: Any, arguments: dict[str, Any]) -> Any:
        from diffusers import MotionAdapter, SparseControlNetModel

        parts = dict(self.reel.pipe.adapters)
        plain = {name: value for name, value in arguments.items() if name != "variant"}
        motion = MotionAdapter.from_pretrained(str(parts["motion"].folder), **plain)
        control = SparseControlNetModel.from_pretrained(str(parts["control"].folder), **plain)
        folder = str(self.reel.pipe.weights.folder)
        kind = windows.opened(kind) if self.windows else kind
        made = kind.from_pretrained(folder, motion_adapter=motion, controlnet=control, **arguments)
        if self.windows:
            windows.divided(made, self.reel.most)
        return made
