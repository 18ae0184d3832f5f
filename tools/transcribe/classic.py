"""Transcriber without a learned panel detector: frame lines by OpenCV, lettering by RapidOCR's models (Apache-2.0).

The models are packaged with RapidOCR. Needs no GPU, no API key and no network; about 300 MB of memory. Reads Japanese,
Chinese and English lettering, and Korean as far as the models know it. Finds no characters.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import partial
from statistics import median

from storage.domain import Balloon, Box, PageTranscript, Panel, Polygon
from tools.geometry import bounding_box, share_inside
from tools.plates import Image, Mask
from tools.reading.balloons import WhiteShapes, block_outline, find_white_shapes, make_hidden_mask, to_balloon
from tools.reading.end_marks import restore_end_marks
from tools.reading.lettering import Block, group_lines
from tools.reading.missed_art import cover_lines, find_art_outside, frame_free_art, has_frame_lines
from tools.reading.ocr import TextLine, read_lines, recognise_lines
from tools.reading.panels import find_panels
from tools.reading.small_kana import restore_small_kana
from tools.reading.spacing import restore_spaces
from tools.reading.strips import is_strip
from tools.reading.text_filter import has_content, is_noise, usual_type_size
from tools.reading.unread_balloons import complete_lines
from tools.reading.writing_system import SPACED, count_letters, language_of
from tools.transcribe import Transcriber

IN_COLUMNS = 2
"""The lettering of a page stands in columns if they hold this many times as many letters as its rows."""
FEW_PANELS = 2
"""Only on a page with no more panels are frame lines looked for that show that some were missed."""


class Backend:
    """The classic transcriber; `threads` is the number of processor threads that the recogniser may use."""

    version = 7

    def __init__(self, *, threads: int = 1) -> None:
        self.threads = threads

    def read(self, page: Image, *, language: str = "") -> PageTranscript:
        """Find panels and texts on `page`, (h, w, 3) RGB uint8.

        Raises:
            BackendError: The models are missing.
        """
        lines = read_lines(page, threads=self.threads)
        if not is_strip(page):
            lines = complete_lines(page, lines, partial(recognise_lines, threads=self.threads))
        return transcribe_page(page, lines, language=language)


_CHECKED: type[Transcriber] = Backend


def transcribe_page(page: Image, lines: list[TextLine], *, language: str = "") -> PageTranscript:
    """Return the panels and texts of a page from its recognised `lines`; ids are provisional."""
    height, width = page.shape[:2]
    page_language = language_of([line.text for line in lines], language)
    if page_language in SPACED:
        lines = [restore_spaces(page, line) for line in lines]
    else:
        lines = [restore_end_marks(page, restore_small_kana(page, line)) for line in lines]
    shapes = find_white_shapes(page, lines)
    blocks = _keep_text(group_lines(lines, shapes.are_in_different_balloons), shapes, page_language)
    hidden = make_hidden_mask(blocks, shapes, (height, width))
    panels = find_panels(page, hidden)
    lettering = cover_lines(hidden, [line for block in blocks for line in block.lines])
    art = find_art_outside(page, lettering, panels) if panels else []
    if is_strip(page):
        panels, art = [*panels, *frame_free_art(art, panels, width)], []
    blocks = _keep_text(group_lines(lines, _separator(shapes, panels)), shapes, page_language)
    return PageTranscript(
        index=0,
        image="",
        width=width,
        height=height,
        panels=tuple(_make_panel(n, polygon) for n, polygon in enumerate(panels)),
        balloons=_make_balloons(blocks, shapes, page_language, (height, width)),
        doubts=tuple(_find_doubts(page, hidden, panels, art)),
    )


def _find_doubts(page: Image, hidden: Mask, panels: list[Polygon], art: list[Box]) -> Iterator[str]:
    """Yield short sentences about panels that may be missing; `art` is what stands in none."""
    if art:
        yield (
            f"{len(art)} drawings stand outside every panel" if len(art) > 1 else "a drawing stands outside every panel"
        )
    if 0 < len(panels) <= FEW_PANELS and not is_strip(page) and has_frame_lines(page, hidden):
        yield "few panels are found among many frame lines"


def _separator(shapes: WhiteShapes, panels: list[Polygon]) -> Callable[[TextLine, TextLine], bool]:
    """Return the function that tells whether two lines stand in two balloons, or in two panels."""

    def home(line: TextLine) -> int | None:
        shares = [share_inside(line.box, polygon) for polygon in panels]
        return shares.index(max(shares)) if shares and max(shares) >= 0.5 else None

    def are_separate(a: TextLine, b: TextLine) -> bool:
        if shapes.are_in_different_balloons(a, b):
            return True
        label = shapes.under(a)
        if label and label == shapes.under(b) and label in shapes.outlines:
            return False  # a balloon over a gutter holds one text
        first, second = home(a), home(b)
        return first != second and None not in (first, second)

    return are_separate


def _keep_text(blocks: list[Block], shapes: WhiteShapes, page_language: str) -> list[Block]:
    """Return the blocks that are text, without drawing mistaken for writing."""
    usual = usual_type_size(blocks)
    return [
        block
        for block in blocks
        if has_content(block)
        and not is_noise(block, page_language, enclosed=bool(block_outline(block, shapes)), usual=usual)
    ]


def _make_panel(number: int, polygon: Polygon) -> Panel:
    """Return a panel with a provisional id."""
    return Panel(id=f"p-{number}", order=number, box=bounding_box(polygon), polygon=polygon)


def _make_balloons(
    blocks: list[Block], shapes: WhiteShapes, page_language: str, size: tuple[int, int]
) -> tuple[Balloon, ...]:
    """Convert blocks to balloons; `page_language`, the page's language, decides where one block leaves a choice."""
    typical = median([block.glyph for block in blocks]) if blocks else 1.0
    letters = [(block.vertical, count_letters("".join(line.text for line in block.lines))) for block in blocks]
    columns, rows = (sum(count for vertical, count in letters if vertical == way) for way in (True, False))
    return tuple(
        to_balloon(
            block,
            shapes,
            number=n,
            typical=typical,
            language=page_language,
            size=size,
            in_columns=columns > IN_COLUMNS * rows,
        )
        for n, block in enumerate(blocks)
    )
