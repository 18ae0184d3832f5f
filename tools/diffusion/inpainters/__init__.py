"""Protocol for inpainters; each other file here calls one family of inpainting pipelines.

A painter knows how to call one pipeline and nothing about panels; `tools/diffusion/inpainting.py` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field
from typing import TYPE_CHECKING, ClassVar, Protocol

from tools.diffusion.pipelines import PipelineSpec

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture


class Painter(Protocol):
    """A dataclass that asks a pipeline. Pictures and masks are PIL images of one size; masks are 255 where to paint."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    @property
    def pipe(self) -> PipelineSpec:
        """The pipeline that it asks."""
        ...

    @property
    def megapixels(self) -> float:
        """How large it paints."""
        ...

    @property
    def multiple(self) -> int:
        """Both sides of a picture are multiples of this many pixels."""
        ...

    @property
    def batches(self) -> bool:
        """Whether several seeds go in one call."""
        ...

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Make the pipeline of class `kind`, adapters included; `arguments` are for from_pretrained."""
        ...

    def paint(
        self,
        pipe: DiffusionPipeline,
        picture: Picture,
        mask: Picture,
        *,
        prompt: str,
        references: Sequence[Picture],
        seeds: Sequence[int],
    ) -> list[Picture]:
        """One picture for each seed, of the size of `picture`."""
        ...
