"""Outpaint a panel with SDXL inpainting, with reference images through an IP-Adapter.

Weights: OpenRAIL++-M; about 8 GB, half with offload. `model` may name another checkpoint of the same kind.
"""

from __future__ import annotations

import copy
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from typing import Annotated, Literal, Self

from pydantic import Field

from storage.domain import Box
from tools.diffusion import dift, inpainting
from tools.diffusion.embeddings import parse_embeddings
from tools.diffusion.inpainters import Painter
from tools.diffusion.inpainters.sdxl import Sdxl
from tools.diffusion.inpainting import Rank
from tools.diffusion.methods.reference_grid import with_grid
from tools.diffusion.methods.shared_attention import Mode
from tools.diffusion.pipeline_backends import PipelineOutpainter
from tools.diffusion.sdxl_backends import LineControlled
from tools.diffusion.weights import Weights
from tools.options import Safetensors, Weight
from tools.outpaint import Outpainter, PlacesReferences
from tools.plates import Image


@dataclass(eq=False, kw_only=True)
class Backend(LineControlled, PipelineOutpainter):
    """Outpaint a panel with SDXL inpainting.

    The training-free methods `share`, `grid`, `shuffle`, `blended`, `resample` and `lowpass` are off by default.

    Attributes:
        adapter: An IP-Adapter (a folder within the repository may follow after a colon); without one, references are
            used only by `share` and `grid`.
        adapter_file: The file of the IP-Adapter's weights.
        adapter_encoder: The image encoder that the IP-Adapter was trained with, "" for the one in its folder.
        reference_scale: How much the references weigh in the IP-Adapter; 1 is full weight.
        share: Lets the image attend to the first reference: story, masa or first (StoryDiffusion, MasaCtrl,
            Text2Video-Zero).
        shuffle: Whether to generate in a grid with the references whose cells change places at every step (RAVE).
        blended: Whether the artist's pixels are put back at every step (Blended Diffusion).
        resample: How many more times every stretch of steps is repeated, so that both parts agree (RePaint); 2 takes
            three times as long. It blends as `blended` does.
        lowpass: Scale in latents at which tones are taken from the blurred continuation of the panel (ILVR), for
            example 4; 0 for none.
        rank: How candidates are compared: by features of classic image processing, or by DIFT.
    """

    version = 2

    shuffle: bool = False
    adapter: str = ""
    adapter_file: Safetensors = "ip-adapter_sdxl.safetensors"
    adapter_encoder: str = ""
    reference_scale: Weight = 0.6
    share: Mode = ""
    blended: bool = False
    lowpass: Annotated[int, Field(ge=0, le=64)] = 0
    resample: Annotated[int, Field(ge=0, le=10)] = 0
    rank: Literal["features", "dift"] = "features"

    def __post_init__(self) -> None:
        adapter = Weights(self.adapter) if self.adapter else None
        encoder = Weights(self.adapter_encoder) if self.adapter_encoder else None
        control = self._line_control(redraws=False)
        beside = (("ip", adapter), ("encoder", encoder), ("control", control.weights if control else None))
        pipe = self._new_pipe(adapters=tuple((name, weights) for name, weights in beside if weights))
        self.painter = painter = Sdxl(
            pipe, self.steps, self.guidance, self.megapixels, adapter, self.adapter_file, self.reference_scale,
            self.share, self.blended, self.lowpass, self.resample, adapter_encoder=encoder, control=control,
            embeddings=parse_embeddings(self.embeddings),
        )  # fmt: skip
        # to rank by DIFT asks the encoder again
        self.prompt_encoder = None if self.rank == "dift" else painter.prompt_encoder(inpainting.outpaint_prompt)

    @property
    def places_references(self) -> bool:
        """Return whether an IP-Adapter looks at the references."""
        return bool(self.adapter)

    def with_reference_places(self, places: Sequence[Sequence[Box]]) -> Self:
        """Return a copy that looks at a reference only in its places; see `tools/outpaint`."""
        clone = copy.copy(self)
        clone._reference_places = places
        return clone

    def _painter_beside(self, references: Sequence[Image]) -> Painter:
        return with_grid(self.painter, references, grid=self.grid or self.shuffle, shuffle=self.shuffle)

    def _ranking(self) -> Rank:
        return partial(dift.dift_score, self.painter) if self.rank == "dift" else super()._ranking()


_CHECKED: type[Outpainter] = Backend
_PLACES: type[PlacesReferences] = Backend
