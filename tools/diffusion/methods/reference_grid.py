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
from tools.diffusion.methods.rave import shuffled
from tools.diffusion.pipelines import PipelineSpec
from tools.plates import Image

if TYPE_CHECKING:
    from diffusers import DiffusionPipeline
    from PIL.Image import Image as Picture

MOST = 3


@dataclass(frozen=True)
class Sheet:
    """PIL pictures of one size: what is shown, where paint goes (255), and where the picture itself stands."""

    picture: Picture
    mask: Picture
    box: tuple[int, int, int, int]


@dataclass(frozen=True)
class Gridded:
    """A painter that paints on a sheet with `count` references (1..), at the cost that the painter has without them."""

    painter: Painter
    count: int
    shuffle: bool = False
    batches: bool = False

    @property
    def pipe(self) -> PipelineSpec:
        """The pipeline of the painter."""
        return self.painter.pipe

    @property
    def megapixels(self) -> float:
        """How large one cell is painted."""
        return self.painter.megapixels / _cells(self.count)

    @property
    def multiple(self) -> int:
        """Both sides of a cell are multiples of this many pixels."""
        return self.painter.multiple

    def assemble(self, kind: type[DiffusionPipeline], arguments: dict[str, object]) -> DiffusionPipeline:
        """The pipeline of the painter."""
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
        """See `Painter.paint`."""
        found = []
        for seed in seeds:
            sheet = laid_out(picture, mask, references, seed=seed)
            cells, width = _cells(self.count), sheet.picture.width
            with shuffled(pipe, cells, width, seed=seed) if self.shuffle else nullcontext():
                painted = self.painter.paint(
                    pipe, sheet.picture, sheet.mask, prompt=prompt, references=references, seeds=[seed]
                )
            found += [one.crop(sheet.box) for one in painted]
        return found


def on_sheet(painter: Painter, references: Sequence[Image], *, grid: bool, shuffle: bool = False) -> Painter:
    """The painter on a sheet, where a `grid` is wished and there are references; else as it is."""
    return Gridded(painter, len(references), shuffle) if grid and references else painter


def laid_out(picture: Picture, mask: Picture, references: Sequence[Picture], *, seed: int) -> Sheet:
    """The sheet of `picture` and up to three references, each whole on white in a cell of the picture's size.

    One reference stands beside the picture, two or three make it two by two; a cell that is left over stays white.
    """
    from PIL import Image, ImageOps

    shown = references[:MOST]
    width, height = picture.size
    cells = _cells(len(shown))
    places = [(width * (at % 2), height * (at // 2)) for at in range(cells)]
    turn = seed % cells
    own, *others = places[turn:] + places[:turn]
    sheet = Image.new("RGB", (2 * width, cells // 2 * height), "white")
    hole = Image.new("L", sheet.size, 0)
    sheet.paste(picture, own)
    hole.paste(mask, own)
    for place, one in zip(others, shown, strict=False):
        sheet.paste(ImageOps.pad(one, picture.size, color="white"), place)
    return Sheet(sheet, hole, (*own, own[0] + width, own[1] + height))


def _cells(references: int) -> int:
    return 2 if references == 1 else 4
