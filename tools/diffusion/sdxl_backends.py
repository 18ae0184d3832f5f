"""Options that the backends of Stable Diffusion XL share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.diffusion.embeddings import parse_embeddings
from tools.diffusion.line_control import LineControl
from tools.diffusion.pipeline_backends import PipelineBackend
from tools.diffusion.pipelines import PipelineSpec
from tools.diffusion.weights import Weights
from tools.options import Guidance, Megapixels, Names, Steps, Weight


@dataclass(eq=False, kw_only=True)
class SdxlBackend(PipelineBackend):
    """A backend that inpaints with SDXL.

    Attributes:
        vae: A VAE in place of the one of `model`, "" for its own.
        embeddings: Textual inversions, named as `model` is; each is a word of prompts, which is called as its file is.
    """

    pipeline_class = "StableDiffusionXLInpaintPipeline"
    usual_config = "stabilityai/stable-diffusion-xl-base-1.0"

    model: str = "diffusers/stable-diffusion-xl-1.0-inpainting-0.1"
    steps: Steps = 25
    guidance: Guidance = 6.0
    megapixels: Megapixels = 0.8
    vae: str = ""
    embeddings: Names = ""

    def _new_pipe(
        self, *, adapters: tuple[tuple[str, Weights], ...] = (), way: str = "", cache: str = "none"
    ) -> PipelineSpec:
        words = tuple(("embedding", weights) for weights in parse_embeddings(self.embeddings))
        return super()._new_pipe(adapters=(*adapters, *words), way=way, cache=cache)

    def _denoisers(self) -> tuple[tuple[str, Weights], ...]:
        return (*super()._denoisers(), *((("vae", Weights(self.vae)),) if self.vae else ()))


@dataclass(eq=False, kw_only=True)
class LineControlled(SdxlBackend):
    """A backend whose model may be shown the artist's lines.

    Attributes:
        control: A ControlNet for line art, or one of ControlNet++, "" for none.
        control_strength: How much it weighs; 1 is full weight.
        control_until: Share of the steps after which it no longer takes part.
    """

    control: str = ""
    control_strength: Weight = 0.8
    control_until: Annotated[float, Field(gt=0, le=1)] = 0.8

    def _line_control(self, *, redraws: bool) -> LineControl | None:
        """Return the ControlNet of the options; see `LineControl.redraws`."""
        if not self.control:
            return None
        return LineControl(Weights(self.control), self.control_strength, self.control_until, redraws)
