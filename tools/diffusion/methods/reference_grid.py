"""Inpaint an image in one grid with its references, so that all cells get the same style (NeRFiller).

NeRFiller (Weber et al. 2024) inpaints several views in one grid, because a model is most consistent within one image.
The image's cell changes with the seed, so that candidates do not all come from one corner. With `shuffle` the cells
also change places at every step (see `rave`).
"""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tools.diffusion.inpainters import Painter
from tools.diffusion.methods.rave import shuffle_cells
from tools.diffusion.pipelines import PipelineSpec
from tools.plates import Image

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture

MAX_REFERENCES = 3
"""Maximum number of references in a grid."""


@dataclass(frozen=True)
class GridImage:
    """A grid as PIL images: the image, its mask (255 where to inpaint) and the box of the cell to inpaint."""

    picture: Picture
    mask: Picture
    box: tuple[int, int, int, int]
    """(x0, y0, x1, y1) in pixels of the grid."""


@dataclass(frozen=True)
class GridPainter:
    """A painter that works in a grid with `count` references (1 or more), with as many pixels as without them."""

    painter: Painter
    count: int
    shuffle: bool = False
    batches: bool = False

    @property
    def pipe(self) -> PipelineSpec:
        """Return the spec of the wrapped painter's pipeline."""
        return self.painter.pipe

    @property
    def megapixels(self) -> float:
        """Return the area of one cell, in millions of pixels."""
        return self.painter.megapixels / _cell_count(self.count)

    @property
    def multiple(self) -> int:
        """Return the number of pixels of which both sides of a cell are multiples."""
        return self.painter.multiple

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """Create the pipeline of the wrapped painter."""
        return self.painter.assemble(kind, arguments)

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
        """Inpaint an image in a grid with its references; see `Painter.paint`."""
        images = []
        for seed in seeds:
            sheet = lay_out_grid(picture, mask, references, seed=seed)
            cells, width = _cell_count(self.count), sheet.picture.width
            with shuffle_cells(pipe, cells, width, seed=seed) if self.shuffle else nullcontext():
                painted = self.painter.paint(
                    pipe, sheet.picture, sheet.mask, prompt=prompt, references=references, seeds=[seed]
                )
            images += [image.crop(sheet.box) for image in painted]
        return images


def with_grid(painter: Painter, references: Sequence[Image], *, grid: bool, shuffle: bool = False) -> Painter:
    """Wrap a painter so that it works in a grid if `grid` is set and there are references."""
    return GridPainter(painter, len(references), shuffle) if grid and references else painter


def lay_out_grid(picture: Picture, mask: Picture, references: Sequence[Picture], *, seed: int) -> GridImage:
    """Make the grid of `picture` and up to three references, each whole on white in a cell of the picture's size.

    One reference stands beside the picture, two or three make a grid of two by two; an unused cell stays white.
    """
    from PIL import Image, ImageOps

    shown = references[:MAX_REFERENCES]
    width, height = picture.size
    cells = _cell_count(len(shown))
    places = [(width * (number % 2), height * (number // 2)) for number in range(cells)]
    shift = seed % cells
    cell, *other_cells = places[shift:] + places[:shift]
    grid = Image.new("RGB", (2 * width, cells // 2 * height), "white")
    grid_mask = Image.new("L", grid.size, 0)
    grid.paste(picture, cell)
    grid_mask.paste(mask, cell)
    for place, reference in zip(other_cells, shown, strict=False):
        grid.paste(ImageOps.pad(reference, picture.size, color="white"), place)
    return GridImage(grid, grid_mask, (*cell, cell[0] + width, cell[1] + height))


def _cell_count(references: int) -> int:
    """Return the number of cells in a grid with so many references."""
    return 2 if references == 1 else 4
