"""Films a plate by FramePack: section by section, so that long shots cost no more memory than short ones.

Zhang and Agrawala (2025), on HunyuanVideo; Tencent community licence, which leaves out the EU. From 6 GB with offload.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any

from pydantic import Field

from tools.diffusion import filming
from tools.diffusion.filming import Asked, Reel
from tools.diffusion.pipes import Offload, Pipe, generator
from tools.diffusion.weights import Weights
from tools.diffusion.words import Ear, Tensors, named, told
from tools.filming.timing import Cadence, Longer
from tools.options import Frames, Guidance, Megapixels, Precision, Rate, Steps
from tools.plates import Image, Motion, Plate


class Backend:
    """`rate` is the model's own, `frames` the most of one call; `cadence` and `longer` are of `timing.py`.

    `window` is the length of a section in latent frames. `transformer` and `sight` name FramePack's own transformer and
    the encoder that looks at the plate; "" where `model` holds all of it.
    """

    version = 1
    generates = True
    looks = False

    def __init__(
        self,
        *,
        model: str = "hunyuanvideo-community/HunyuanVideo",
        revision: str = "",
        dtype: Precision = "auto",
        steps: Steps = 30,
        guidance: Guidance = 9.0,
        megapixels: Megapixels = 0.4,
        frames: Frames = 241,
        rate: Rate = 30.0,
        cadence: Cadence = "model",
        longer: Longer = "hold",
        offload: Offload = "none",
        lora: str = "",
        window: Annotated[int, Field(ge=1, le=64)] = 9,
        transformer: str = "lllyasviel/FramePackI2V_HY",
        sight: str = "lllyasviel/flux_redux_bfl",
    ) -> None:
        parts = {name: Weights(given) for name, given in (("transformer", transformer), ("sight", sight)) if given}
        pipe = Pipe(
            "HunyuanVideoFramepackPipeline", Weights(model, revision), dtype, offload,
            lora=Weights(lora) if lora else None, adapters=tuple(parts.items()),
        )  # fmt: skip
        self.reel = Reel(
            pipe, megapixels, multiple=16, rate=rate, step=4, most=frames, cadence=cadence, longer=longer
        )  # fmt: skip
        self.steps, self.guidance = steps, guidance
        self.window = window
        self.ear = None if lora else Ear(pipe, self._say, filming.worded, turns=self.reel.turns)

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
        return filming.filmed(
            self.reel, plate, self._call, seconds=seconds, prompt=prompt, seed=seed, assemble=self._assemble
        )

    def _call(self, pipe: Any, asked: Asked) -> Sequence[Any]:
        film: Sequence[Any] = pipe(
            image=asked.first, width=asked.first.width, height=asked.first.height, num_frames=asked.frames,
            num_inference_steps=self.steps, guidance_scale=self.guidance, latent_window_size=self.window,
            generator=generator(asked.seed), **asked.said(pipe),
        ).frames[0]  # fmt: skip
        return film

    def _say(self, pipe: Any, text: str) -> Tensors:
        return named(("prompt_embeds", "pooled_prompt_embeds", "prompt_attention_mask"), pipe.encode_prompt(text))

    def _assemble(self, kind: Any, arguments: dict[str, Any]) -> Any:
        from diffusers import HunyuanVideoFramepackTransformer3DModel
        from transformers import SiglipImageProcessor, SiglipVisionModel

        given, parts = dict(self.reel.pipe.adapters), dict[str, Any]()
        plain = {name: value for name, value in arguments.items() if name != "variant" and value is not None}
        if "transformer" in given:
            found = HunyuanVideoFramepackTransformer3DModel.from_pretrained(str(given["transformer"].folder), **plain)
            parts["transformer"] = found
        if "sight" in given:
            folder = str(given["sight"].folder)
            parts["image_encoder"] = SiglipVisionModel.from_pretrained(folder, subfolder="image_encoder", **plain)
            parts["feature_extractor"] = SiglipImageProcessor.from_pretrained(
                folder, subfolder="feature_extractor", local_files_only=True
            )  # fmt: skip
        return kind.from_pretrained(str(self.reel.pipe.weights.folder), **parts, **arguments)
