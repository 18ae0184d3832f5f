"""Draw books whose panels and balloons a small backend reads exactly, and change them as an artist would.

Frames of panels are pure blue and frames of balloons pure red, so that reading takes a few milliseconds. What a panel
shows depends on its seed alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import cv2
import numpy as np

from storage.domain import Balloon, Box, PageTranscript, Panel
from storage.settings import Backends, Settings
from tests.conftest import SMALL
from tools import png
from tools.plates import Image

WIDTH, HEIGHT, MARGIN, GUTTER = 300, 400, 12, 10
FRAME, BALLOON = (0, 0, 255), (255, 0, 0)
SETTINGS = Settings(screen=SMALL, order="ltr", backends=Backends(transcribe="tests.drawn_books.DrawnTranscriber"))
"""Settings of a small film of a drawn book."""


@dataclass(frozen=True)
class DrawnPanel:
    """A panel: its picture is made from `seed`, with `words` words in a balloon, and `specks` retouched pixels."""

    seed: int
    words: int = 0
    specks: int = 0


DrawnPage = tuple[DrawnPanel, ...]


class DrawnTranscriber:
    """Read the panels and balloons of drawn pages by the colours of their frames."""

    version = 1
    generates = False

    def read(self, page: Image, *, language: str = "") -> PageTranscript:
        """Find the panels and balloons of a page."""
        panels = [Panel(id=f"p{n}", order=n, box=box) for n, box in enumerate(_framed_boxes(page, FRAME))]
        balloons = []
        for n, box in enumerate(_framed_boxes(page, BALLOON)):
            x, y = (int(value) for value in box.center)
            text = " ".join(["word"] * (255 - int(page[y, x, 2])))
            balloons.append(Balloon(id=f"t{n}", order=n, box=box, text=text, language="en"))
        return PageTranscript(
            index=0, image="", width=page.shape[1], height=page.shape[0],
            panels=tuple(panels), balloons=tuple(balloons),
        )  # fmt: skip


def _framed_boxes(page: Image, colour: tuple[int, int, int]) -> list[Box]:
    found = cv2.connectedComponentsWithStats((page == colour).all(axis=2).astype(np.uint8), connectivity=8)[2][1:]
    return [Box(x, y, x + width, y + height) for x, y, width, height, _ in found.tolist()]


def panel_boxes(page: DrawnPage) -> list[Box]:
    """Return the boxes of a page's panels: rows of equal height, from the top."""
    height = (HEIGHT - 2 * MARGIN - GUTTER * (len(page) - 1)) // len(page)
    tops = [MARGIN + n * (height + GUTTER) for n in range(len(page))]
    return [Box(MARGIN, top, WIDTH - MARGIN, top + height) for top in tops]


def draw_page(page: DrawnPage) -> Image:
    """Draw a page, RGB."""
    pixels = np.full((HEIGHT, WIDTH, 3), 255, np.uint8)
    for panel, box in zip(page, panel_boxes(page), strict=True):
        x0, y0, x1, y1 = (int(edge) for edge in box)
        luck = np.random.default_rng(panel.seed)
        art = np.full((y1 - y0, x1 - x0, 3), int(luck.integers(150, 240)), np.uint8)
        for _ in range(12):
            centre = (int(luck.integers(0, x1 - x0)), int(luck.integers(0, y1 - y0)))
            cv2.circle(art, centre, int(luck.integers(5, 40)), (int(luck.integers(0, 220)),) * 3, -1)
        for _ in range(panel.specks):
            art[int(luck.integers(4, y1 - y0 - 4)), int(luck.integers(x1 - x0 - 40, x1 - x0 - 4))] ^= 255
        if panel.words:
            cv2.rectangle(art, (10, 10), (89, 39), (255, 255, 255 - panel.words), -1)
            cv2.rectangle(art, (10, 10), (89, 39), BALLOON, 2)
        cv2.rectangle(art, (0, 0), (x1 - x0 - 1, y1 - y0 - 1), FRAME, 2)
        pixels[y0:y1, x0:x1] = art
    return pixels


@dataclass
class DrawnBook:
    """A folder of drawn pages, named by their order."""

    folder: Path
    pages: list[DrawnPage] = field(default_factory=list)
    stained: set[int] = field(default_factory=set)
    """Indices of pages with one grey pixel in the margin."""

    def write(self) -> Path:
        """Write the pages as they are now, and return the folder."""
        self.folder.mkdir(exist_ok=True)
        for file in self.folder.iterdir():
            file.unlink()
        for number, page in enumerate(self.pages, start=1):
            pixels = draw_page(page)
            pixels[1, 1] = 128 if number - 1 in self.stained else 255
            (self.folder / f"{number:03d}.png").write_bytes(png.encode_png(pixels))
        return self.folder

    def change_panel(self, page: int, panel: int, **values: int) -> None:
        """Change the seed, the words or the retouched pixels of a panel."""
        row = list(self.pages[page])
        row[panel] = replace(row[panel], **values)
        self.pages[page] = tuple(row)


def numbered_page(first_seed: int, words: Sequence[int]) -> DrawnPage:
    """Return a page with one panel for each number of words; their seeds follow each other."""
    return tuple(DrawnPanel(first_seed + n, count) for n, count in enumerate(words))
