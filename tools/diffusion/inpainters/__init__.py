"""Protocol for inpainters; each other file here calls one family of inpainting pipelines.

A painter knows how to call one pipeline and nothing about panels; `tools/diffusion/inpainting.py` does the rest.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import Field
from typing import TYPE_CHECKING, ClassVar, Protocol

from tools.diffusion.pipelines import PipelineSpec

GREY = (128, 128, 128)
"""What models that edit a picture see where they are to paint."""

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture


class Painter(Protocol):
    """A dataclass that calls an inpainting pipeline. Images and masks are PIL images; masks are 255 to paint."""

    __dataclass_fields__: ClassVar[dict[str, Field[object]]]

    @property
    def pipe(self) -> PipelineSpec:
        """Return the spec of the pipeline that it calls."""
        ...

    @property
    def megapixels(self) -> float:
        """Return the area to generate, in millions of pixels."""
        ...

    @property
    def multiple(self) -> int:
        """Return the number of pixels of which both sides of an image are multiples."""
        ...

    @property
    def batches(self) -> bool:
        """Return whether several seeds can go into one call."""
        ...

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline of class `kind`, adapters included.

        Args:
            kind: A pipeline class of diffusers.
            arguments: Keyword arguments of its `from_pretrained`.
        """
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
        """Inpaint an image once for each seed.

        Args:
            pipe: The loaded pipeline.
            picture: The image, RGB.
            mask: Mode L, of the size of `picture`: 255 where to inpaint.
            prompt: The whole prompt; terms to avoid follow "Never: ".
            references: Reference images of any size.
            seeds: One for each image to generate.

        Returns:
            One image for each seed, of the size of `picture`.
        """
        ...


class FolderPainter:
    """The common part of painters whose pipeline is all in the folder of its checkpoint."""

    pipe: PipelineSpec

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline from its folder."""
        return self.pipe.from_pretrained(kind, arguments)


def grey_out(picture: Picture, mask: Picture) -> Picture:
    """Return the picture with flat grey where the mask is 255, for a model that edits what it sees."""
    from PIL import Image

    return Image.composite(Image.new("RGB", picture.size, GREY), picture, mask)


def edit_prompt(prompt: str) -> str:
    """Return the prompt with the instruction that says what is to be painted in a picture from `grey_out`."""
    return f"{prompt}. Replace the flat grey area of the first picture; keep everything else as it is."
