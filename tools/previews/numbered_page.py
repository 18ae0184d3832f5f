"""Draw a page with its panels, balloons and characters framed and numbered, for a vision model."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from storage.domain import Box
from tools.pixels import intersect_box
from tools.plates import Image

PANEL, BALLOON, PERSON, PAPER = (20, 60, 200), (205, 30, 30), (10, 125, 50), (255, 255, 255)
"""Blue for panels, red for lettering, green for characters: no page in ink has these colours."""


def draw_numbered_page(
    page: Image,
    panels: Sequence[Box],
    lettering: Sequence[Box],
    people: Sequence[Sequence[Box]] = (),
    *,
    view: Box,
    longest: int = 1024,
) -> Image:
    """Draw a part of a page with its boxes framed and numbered.

    Panels are blue with "P1", "P2" ... in their corner, lettering is red with "B1", "B2" ... above it, and all
    appearances of each character are green with "C1", "C2" ...

    Args:
        page: (h, w, 3) RGB uint8.
        panels: Boxes in page pixels.
        lettering: Boxes in page pixels.
        people: For each character, the boxes of its appearances.
        view: The part of the page that is drawn, in page pixels.
        longest: Pixels of the longer side of the result, at most.
    """
    height, width = page.shape[:2]
    x0, y0, x1, y1 = (round(edge) for edge in intersect_box(view, Box(0, 0, width, height)))
    part = page[y0 : max(y0 + 1, y1), x0 : max(x0 + 1, x1)]
    scale = min(1.0, longest / max(part.shape[:2]))
    size = max(1, round(part.shape[1] * scale)), max(1, round(part.shape[0] * scale))
    drawn = np.ascontiguousarray(cv2.resize(part, size, interpolation=cv2.INTER_AREA), np.uint8)
    framed = [
        *((PANEL, "P", number, box) for number, box in enumerate(panels, start=1)),
        *((PERSON, "C", number, box) for number, seen in enumerate(people, start=1) for box in seen),
        *((BALLOON, "B", number, box) for number, box in enumerate(lettering, start=1)),
    ]
    for colour, letter, number, box in framed:
        edges = [(box.x0 - x0) * scale, (box.y0 - y0) * scale, (box.x1 - x0) * scale, (box.y1 - y0) * scale]
        a, b, c, d = (round(edge) for edge in edges)
        cv2.rectangle(drawn, (a, b), (c, d), colour, 2 if letter == "P" else 1)
        _draw_label(drawn, f"{letter}{number}", (a, b), colour, above=letter == "B")
    return drawn


def _draw_label(
    drawn: Image, label: str, corner: tuple[int, int], colour: tuple[int, int, int], *, above: bool
) -> None:
    """Write a white label on a coloured plate at the top left corner of a box, or `above` it, within the picture."""
    height, width = drawn.shape[:2]
    size = max(0.35, min(0.62, width / 1100))
    (w, h), _ = cv2.getTextSize(label, cv2.FONT_HERSHEY_SIMPLEX, size, 1)
    corner = (corner[0], corner[1] - h - 7) if above else corner
    x, y = (max(0, min(at, room - need - 6)) for at, room, need in ((corner[0], width, w), (corner[1], height, h)))
    cv2.rectangle(drawn, (x, y), (x + w + 5, y + h + 5), colour, cv2.FILLED)
    cv2.putText(drawn, label, (x + 3, y + h + 2), cv2.FONT_HERSHEY_SIMPLEX, size, PAPER, 1, cv2.LINE_AA)
