"""Write one self-contained HTML page that shows what was read: numbered panels, balloons, text and doubts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

import cv2
from jinja2 import Environment, FileSystemLoader

from agents import output_files
from agents.comprehension import proposals
from commands.output.html_images import data_url
from storage.domain import Balloon, Order, PageTranscript, Panel, Point, Transcript
from storage.library import Library
from tools import png
from tools.geometry import box_polygon
from tools.plates import Image

MAX_WIDTH = 900
"""Pixels that a page's picture is wide at most."""
JPEG_QUALITY = 80
"""Of the JPEGs, 0..100."""
UNSURE_BELOW = 0.7
"""Lettering read with less confidence is marked."""
DIRECTIONS: dict[Order, str] = {
    "rtl": "read from the right",
    "ltr": "read from the left",
    "vertical": "read downwards",
    "rtl-columns": "read in columns from the right",
    "ltr-columns": "read in columns from the left",
}


def write_pages_html(library: Library, place: Path) -> None:
    """Write the page of what was read to `place`. Raises StorageError where it cannot be written."""
    transcript = library.transcript()
    assert transcript is not None, "somebody has read the pages"
    pictures = {page.index: library.artifacts.open(page.artifact) for page in library.pages()}
    correction = library.correction()
    by_hand = {page.index for page in library.pages() if correction and page.artifact in correction.pages}
    title = library.info().title or Path(library.source() or library.folder).stem
    proposed = {proposal.balloon: proposal.after for proposal in proposals.open_proposals(library, transcript)}
    output_files.write_files({place: render_pages_html(transcript, pictures, by_hand, title, proposed)})


def render_pages_html(
    transcript: Transcript,
    pictures: Mapping[int, Path],
    by_hand: set[int],
    title: str,
    proposed: Mapping[str, str] | None = None,
) -> str:
    """Render the HTML page.

    `pictures` gives the PNG of every page by its index, `by_hand` the indices of the pages that a person corrected, and
    `proposed` the text that a model proposes, by the balloon's id.
    """
    names = {character.id: character.name for character in transcript.cast}
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("pages.html.j2").render(
        title=title,
        transcript=transcript,
        way=DIRECTIONS[transcript.order],
        proposed=proposed or {},
        pages=[
            {**_page(page, transcript.order, names), "picture": _picture(pictures[page.index]),
             "by_hand": page.index in by_hand}
            for page in transcript.pages
        ],
    )  # fmt: skip


def _page(page: PageTranscript, order: Order, names: Mapping[str, str]) -> dict[str, object]:
    panels = [_panel(panel, order) for panel in page.panels]
    texts = [_text(text, order, names) for text in page.balloons]
    rows = [{**panel, "texts": [text for text in texts if text["panel"] == panel["id"]]} for panel in panels]
    homes = {panel.id for panel in page.panels}
    return {
        "number": page.index + 1,
        "image": page.image,
        "width": page.width,
        "height": page.height,
        "unit": max(page.width, 0.4 * page.height) / 100,
        "doubts": page.doubts,
        "panels": rows,
        "texts": texts,
        "lost": [text for text in texts if text["panel"] not in homes],
        "people": [(seen.box, names.get(seen.character or "", "")) for seen in page.characters],
        "ticks": [range(100, side, 100) for side in (page.width, page.height)],
    }


def _panel(panel: Panel, order: Order) -> dict[str, object]:
    shape = panel.polygon or box_polygon(panel.box)
    # the badge stands in the corner where reading begins
    corner = max(shape, key=lambda point: point[0] - point[1]) if order.startswith("rtl") else min(shape, key=sum)
    return {
        "id": panel.id,
        "number": panel.order + 1,
        "points": _points(shape),
        "corner": corner,
        "inward": -1 if order.startswith("rtl") else 1,
        "box": ",".join(f"{edge:.0f}" for edge in panel.box),
    }


def _text(text: Balloon, order: Order, names: Mapping[str, str]) -> dict[str, object]:
    return {
        **text.model_dump(),
        "number": text.order + 1,
        "points": _points(text.outline or box_polygon(text.box)),
        "who": names.get(text.speaker or "", text.speaker),
        # across from the corner where the panel's badge stands
        "tag": text.box.x0 if order.startswith("rtl") else text.box.x1,
        "unsure": text.confidence < UNSURE_BELOW,
        "place": ",".join(f"{edge:.0f}" for edge in text.box),
    }


def _points(shape: Sequence[Point]) -> str:
    return " ".join(f"{x:.0f},{y:.0f}" for x, y in shape)


def _picture(path: Path) -> str:
    pixels: Image = png.read_png(path)
    height, width = pixels.shape[:2]
    if width > MAX_WIDTH:
        size = (MAX_WIDTH, max(1, round(height * MAX_WIDTH / width)))
        pixels = cv2.resize(pixels, size, interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    return data_url(pixels, JPEG_QUALITY)
