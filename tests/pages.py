"""Draw manga-like pages with exact ground truth for the tests of reading. No real page is copied."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

import cv2
import numpy as np
from PIL import Image as Picture
from PIL import ImageDraw, ImageFont

from storage.domain import Box, Point, Polygon
from tools.geometry import bounding_box
from tools.plates import Image

WIDTH, HEIGHT, MARGIN, GUTTER, PEN = 900, 1260, 60, 16, 4
INK, PAPER = (20, 20, 20), (250, 250, 250)


@dataclass
class DrawnPage:
    """A drawn page with its ground truth.

    It has (h, w, 3) RGB uint8 pixels, panels in right-to-left order, and balloons with their text.
    """

    image: Image
    panels: list[Polygon] = field(default_factory=list)
    balloons: list[tuple[Box, str]] = field(default_factory=list)

    def mirrored(self) -> DrawnPage:
        """Return the page mirrored for left-to-right reading, without its lettering, which would be mirrored too."""
        width = self.image.shape[1]
        flipped = [tuple((width - x, y) for x, y in reversed(polygon)) for polygon in self.panels]
        return DrawnPage(np.ascontiguousarray(self.image[:, ::-1]), flipped)


def blank(width: int = WIDTH, height: int = HEIGHT, colour: tuple[int, int, int] = PAPER) -> DrawnPage:
    return DrawnPage(np.full((height, width, 3), colour, np.uint8))


def box(x0: float, y0: float, x1: float, y1: float) -> Polygon:
    return (x0, y0), (x1, y0), (x1, y1), (x0, y1)


def add_panel(page: DrawnPage, polygon: Polygon, seed: int, *, pen: int = PEN, tone: int | None = None) -> None:
    """Draw a framed picture: an uneven background and round figures, hatched. `pen` 0 leaves the frame out."""
    art = _drawing(page.image.shape[1], page.image.shape[0], polygon, seed, tone)
    mask = np.zeros(page.image.shape[:2], np.uint8)
    points = np.round(np.array(polygon)).astype(np.int32)
    cv2.fillPoly(mask, [points], 255)
    page.image[mask > 0] = art[mask > 0]
    if pen:
        cv2.polylines(page.image, [points], True, INK, pen, cv2.LINE_AA)
    page.panels.append(polygon)


def _drawing(width: int, height: int, polygon: Polygon, seed: int, tone: int | None) -> Image:
    """Draw art that covers the page: tone dots, strokes and a few figures inside the polygon's bounds.

    It contains no straight frame.
    """
    rng = np.random.default_rng(seed)
    area = bounding_box(polygon)
    base = int(rng.integers(165, 235)) if tone is None else tone
    art = np.full((height, width, 3), base, np.uint8)
    yy, xx = np.mgrid[0:height, 0:width]
    art[((xx // 3 + yy // 3) % 4 == 0)] = max(0, base - 50)
    for _ in range(5):
        centre = (int(rng.uniform(area.x0, area.x1)), int(rng.uniform(area.y0, area.y1)))
        size = (int(rng.uniform(0.08, 0.25) * area.width) + 8, int(rng.uniform(0.08, 0.3) * area.height) + 8)
        cv2.ellipse(art, centre, size, float(rng.uniform(0, 180)), 0, 360, (245, 245, 245), -1, cv2.LINE_AA)
        cv2.ellipse(art, centre, size, float(rng.uniform(0, 180)), 0, 360, INK, 3, cv2.LINE_AA)
    for _ in range(14):
        start = np.array([rng.uniform(area.x0, area.x1), rng.uniform(area.y0, area.y1)])
        steps = rng.normal(0, 14, (5, 2)).cumsum(0)
        cv2.polylines(art, [np.round(start + steps).astype(np.int32)], False, INK, 2, cv2.LINE_AA)
    return art


def add_figure(page: DrawnPage, centre: Point, width: float, height: float) -> None:
    """Draw a dark figure that covers whatever stands there, gutters and frame lines too."""
    middle = (round(centre[0]), round(centre[1]))
    cv2.ellipse(page.image, middle, (round(width / 2), round(height / 2)), 8, 0, 360, (70, 70, 70), -1, cv2.LINE_AA)
    cv2.ellipse(page.image, middle, (round(width / 2), round(height / 2)), 8, 0, 360, INK, 3, cv2.LINE_AA)


def add_balloon(page: DrawnPage, centre: Point, text: str, *, size: int = 24) -> None:
    """Draw a round balloon with rows of lettering in a font that Pillow includes."""
    font = ImageFont.load_default(size)
    rows = text.split("\n")
    wide = max(font.getlength(row) for row in rows)
    high = 1.3 * size * len(rows)
    axes = (round(0.75 * wide + size), round(0.75 * high + size))
    middle = (round(centre[0]), round(centre[1]))
    cv2.ellipse(page.image, middle, axes, 0, 0, 360, PAPER, -1, cv2.LINE_AA)
    cv2.ellipse(page.image, middle, axes, 0, 0, 360, INK, 3, cv2.LINE_AA)
    picture = Picture.fromarray(page.image)
    pen = ImageDraw.Draw(picture)
    top = centre[1] - high / 2
    for n, row in enumerate(rows):
        pen.text((centre[0] - font.getlength(row) / 2, top + 1.3 * size * n), row, fill=INK, font=font)
    page.image = np.array(picture)
    page.balloons.append((Box(centre[0] - wide / 2, top, centre[0] + wide / 2, top + high), " ".join(rows)))


def rows_of(heights: Sequence[float], columns: Sequence[Sequence[float]], gutter: float = GUTTER) -> list[Polygon]:
    """Return panels in rows between the margins, each row divided from the right by the shares in `columns`."""
    panels: list[Polygon] = []
    top = float(MARGIN)
    room = HEIGHT - 2 * MARGIN - gutter * (len(heights) - 1)
    for share, row in zip(heights, columns, strict=True):
        bottom, right = top + share * room, float(WIDTH - MARGIN)
        width = WIDTH - 2 * MARGIN - gutter * (len(row) - 1)
        for part in row:
            panels.append(box(right - part * width, top, right, bottom))
            right -= part * width + gutter
        top = bottom + gutter
    return panels


def grid_page(seed: int = 1) -> DrawnPage:
    """Draw three rows of two, one and three panels with white gutters."""
    page = blank()
    for n, polygon in enumerate(rows_of((0.35, 0.3, 0.35), ((0.4, 0.6), (1.0,), (0.3, 0.4, 0.3)))):
        add_panel(page, polygon, seed + n)
    return page


def slanted_page(seed: int = 11) -> DrawnPage:
    """Draw tilted gutters: the first row leans one way, the row below is cut by a slope across the whole page."""
    page = blank()
    left, right, top, bottom = float(MARGIN), float(WIDTH - MARGIN), float(MARGIN), float(HEIGHT - MARGIN)
    add_panel(page, ((520.0, top), (right, top), (right, 500.0), (430.0, 540.0)), seed)
    add_panel(page, ((left, top), (504.0, top), (414.0, 541.0), (left, 575.0)), seed + 1)
    add_panel(page, ((left, 592.0), (right, 518.0), (right, 820.0), (left, 800.0)), seed + 2)
    add_panel(page, ((460.0, 829.0), (right, 838.0), (right, bottom), (540.0, bottom)), seed + 3)
    add_panel(page, ((left, 816.0), (444.0, 828.0), (524.0, bottom), (left, bottom)), seed + 4)
    return page


def bleeding_page(seed: int = 21) -> DrawnPage:
    """Draw a first row that bleeds off the top and both sides, and a last panel that bleeds off the bottom left."""
    page = blank()
    add_panel(page, box(460, -20, WIDTH + 20, 420), seed)
    add_panel(page, box(-20, -20, 444, 420), seed + 1)
    add_panel(page, box(MARGIN, 436, WIDTH - MARGIN, 780), seed + 2)
    add_panel(page, box(560, 796, WIDTH - MARGIN, HEIGHT - MARGIN), seed + 3)
    add_panel(page, box(-20, 796, 544, HEIGHT + 20), seed + 4)
    page.panels = [tuple((min(max(x, 0.0), WIDTH), min(max(y, 0.0), HEIGHT)) for x, y in p) for p in page.panels]
    return page


def shared_page(seed: int = 31) -> DrawnPage:
    """Draw a page without gutters: neighbouring panels share one frame line."""
    page = blank()
    for n, polygon in enumerate(rows_of((0.3, 0.4, 0.3), ((1.0,), (0.45, 0.55), (1.0,)), gutter=0)):
        add_panel(page, polygon, seed + n, tone=(200, 225, 180, 215)[n])
    return page


def black_page(seed: int = 41) -> DrawnPage:
    """Draw black gutters and margins, with pictures that have no frame of their own."""
    page = blank(colour=(8, 8, 8))
    for n, polygon in enumerate(rows_of((0.3, 0.4, 0.3), ((0.55, 0.45), (1.0,), (0.4, 0.6)))):
        add_panel(page, polygon, seed + n, pen=0)
    return page


def inset_page(seed: int = 51) -> DrawnPage:
    """Draw a large picture with a small one set into it, and a row below."""
    page = blank()
    add_panel(page, box(MARGIN, MARGIN, WIDTH - MARGIN, 780), seed)
    small = box(120, 430, 400, 720)
    cv2.fillPoly(page.image, [np.array(box(106, 416, 414, 734)).astype(np.int32)], PAPER)
    add_panel(page, small, seed + 1)
    add_panel(page, box(430, 796, WIDTH - MARGIN, HEIGHT - MARGIN), seed + 2)
    add_panel(page, box(MARGIN, 796, 414, HEIGHT - MARGIN), seed + 3)
    return page


def crossed_page(seed: int = 61) -> DrawnPage:
    """Draw a figure that leans over the first gutter, and balloons over two others."""
    page = blank()
    for n, polygon in enumerate(rows_of((0.35, 0.3, 0.35), ((0.5, 0.5), (1.0,), (0.6, 0.4)))):
        add_panel(page, polygon, seed + n)
    add_figure(page, (330, 465), 150, 230)
    add_balloon(page, (450, 200), "WHERE DID\nTHE BIRD GO?")
    add_balloon(page, (640, 836), "IT FLEW\nTO THE SEA!")
    return page


def lettered_page(seed: int = 71) -> DrawnPage:
    """Draw two rows of two panels with a balloon in each, to be read from the left."""
    page = blank()
    for n, polygon in enumerate(rows_of((0.5, 0.5), ((0.5, 0.5), (0.5, 0.5)))):
        add_panel(page, polygon, seed + n)
    for centre, text in (
        ((250, 200), "GOOD MORNING,\nCAPTAIN."),
        ((660, 230), "THE WIND HAS\nTURNED WEST."),
        ((250, 790), "THEN WE SAIL\nBEFORE NOON."),
        ((660, 860), "I WILL WAKE\nTHE OTHERS."),
    ):
        add_balloon(page, centre, text)
    return page


def strip_page(seed: int = 81, screens: int = 4) -> DrawnPage:
    """Draw a tall strip for scrolling, with pictures below each other.

    One of them has no frame, and a balloon lies between two.
    """
    page = blank(720, 260 + screens * 900)
    for n in range(screens):
        add_panel(page, box(40, 80 + n * 900, 680, 780 + n * 900), seed + n, pen=0 if n == 1 else PEN)
    add_balloon(page, (360, 880), "MEANWHILE,\nBY THE SEA")
    return page


ALL = {
    "grid": grid_page,
    "slanted": slanted_page,
    "bleeding": bleeding_page,
    "shared": shared_page,
    "black": black_page,
    "inset": inset_page,
    "crossed": crossed_page,
}
