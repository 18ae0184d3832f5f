"""Change a panel with an SDXL that inverts it first (LEDITS++, Brack et al. 2024): what the words do not name stays.

The prompt names what is to be seen and gives no order: "closed eyes". It runs with any SDXL checkpoint of 4 channels,
such as the finetunes on anime. Weights: OpenRAIL++-M; about 7 GB, half with offload.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.diffusion.embeddings import parse_embeddings
from tools.diffusion.inpainters.ledits import Ledits
from tools.diffusion.pipeline_backends import PipelineRedrawer
from tools.diffusion.sdxl_backends import SdxlBackend
from tools.options import Guidance, Steps
from tools.redraw import Redrawer


@dataclass(eq=False, kw_only=True)
class Backend(SdxlBackend, PipelineRedrawer):
    """Change a panel by inversion.

    Attributes:
        guidance: Not used: inversion is without guidance, and `edit_guidance` is that of the edit.
        edit_guidance: How strongly the result is drawn towards the prompt.
        threshold: Share of the picture, where the prompt changes least, that stays.
        skip: Share of the noise that is left out: the larger, the more of the drawing stays.
    """

    version = 1
    pipeline_class = "LEditsPPPipelineStableDiffusionXL"

    model: str = "stabilityai/stable-diffusion-xl-base-1.0"
    steps: Steps = 50
    edit_guidance: Guidance = 7.5
    threshold: Annotated[float, Field(ge=0, lt=1)] = 0.9
    skip: Annotated[float, Field(ge=0, lt=1)] = 0.15

    def __post_init__(self) -> None:
        self.painter = Ledits(
            self._new_pipe(), self.steps, self.edit_guidance, self.megapixels, self.threshold, self.skip,
            embeddings=parse_embeddings(self.embeddings),
        )  # fmt: skip

    def _whole_prompt(self, prompt: str) -> str:
        return prompt


_CHECKED: type[Redrawer] = Backend
