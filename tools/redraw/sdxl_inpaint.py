"""Change a panel with SDXL: it is noised in part and denoised towards the prompt (SDEdit, Meng et al. 2021).

The prompt describes the picture and gives no order: "her eyes are closed". Weights: OpenRAIL++-M; about 8 GB, half with
offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field

from tools.diffusion import inpainting
from tools.diffusion.embeddings import parse_embeddings
from tools.diffusion.inpainters.sdxl import Sdxl
from tools.diffusion.pipeline_backends import PipelineRedrawer
from tools.diffusion.sdxl_backends import LineControlled
from tools.redraw import Redrawer


@dataclass(eq=False, kw_only=True)
class Backend(LineControlled, PipelineRedrawer):
    """Change a panel with SDXL.

    Attributes:
        strength: Share of the noise at which denoising begins: .3 finishes rough lines, .9 keeps little of the drawing.
    """

    version = 2

    strength: Annotated[float, Field(gt=0, lt=1)] = 0.6

    def __post_init__(self) -> None:
        control = self._line_control(redraws=True)
        pipe = self._new_pipe(adapters=(("control", control.weights),) if control else ())
        self.painter = painter = Sdxl(
            pipe, self.steps, self.guidance, self.megapixels, strength=self.strength, control=control,
            embeddings=parse_embeddings(self.embeddings),
        )  # fmt: skip
        self.prompt_encoder = painter.prompt_encoder(inpainting.redraw_prompt)


_CHECKED: type[Redrawer] = Backend
