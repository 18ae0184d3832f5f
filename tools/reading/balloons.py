"""Find the outline and the kind of the balloon around each block of lettering.

A balloon is a patch of paper that its drawn outline closes off. With the lettering painted over in white, the patch
is one connected white shape, so it can be found from within, without a model of what balloons look like. A white
shape that runs out into the gutter or the background is not a balloon; its lettering then stands without one. No
characters are recognised here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Balloon, Box, Kind, Polygon
from tools.geometry import bounding_box, grow, overlap_box, polygon_area, union_box
from tools.plates import Image, Mask
from tools.reading.lettering import Block, block_language, is_vertical
from tools.reading.ocr import TextLine
from tools.reading.writing_system import count_letters, count_scripts

PAPER = 200
"""Grey values above this count as paper (0..255)."""
MAX_PAGE_SHARE = 0.15
"""A white shape larger than this share of the page is background."""
MIN_HULL_SHARE = 0.72
"""A balloon fills at least this share of its convex hull; a shape that leaks along gutters does not."""
MIN_WHITE_SHARE = 0.9
"""A balloon holds lettering alone: this share of what its outline encloses is white, once the lettering is."""
MAX_OFFSET, MAX_LOOSE_OFFSET, LOOSE_SHARE = 0.25, 0.2, 5.0
"""Lettering stands in the middle of its balloon; otherwise the white is the ground of a picture.

MAX_OFFSET is the largest distance between the two middles, as a share of the balloon's width or height. No more than
MAX_LOOSE_OFFSET is it where the white is LOOSE_SHARE times as large as the lettering.
"""
MAX_NECK = 0.92
"""Where two balloons overlap they are narrower than this share of both."""
MAX_TYPESET_SHARE = 0.045
"""Type larger than this share of the page's side is drawn by hand, not typeset."""
MAX_LEAN, MIN_LEANING = 0.17, 4
"""Lines that lean more, as a slope, each of MIN_LEANING letters, stand on a drawn thing: a newspaper or a signboard."""
PAD_ALONG, PAD_ACROSS = 0.12, 0.35
"""How far a balloon's box reaches beyond the ink, along and across its lines, as a share of its type size.

This is the area that a reader sees as lettered.
"""


@dataclass(frozen=True)
class WhiteShapes:
    """The white shapes of a page."""

    labels: NDArray[np.int32]
    """Label of the shape at each pixel, (h, w) int32; 0 for none."""
    outlines: dict[int, Polygon]
    """Outline in page pixels of each shape that can be a balloon, by label."""

    def under(self, line: TextLine) -> int:
        """Return the label of the shape that most of a line stands on, 0 for none."""
        box = line.box
        x0, y0 = max(0, int(box.x0)), max(0, int(box.y0))
        patch = self.labels[y0 : max(y0 + 1, int(box.y1)), x0 : max(x0 + 1, int(box.x1))]
        counted = np.bincount(patch.ravel()) if patch.size else np.zeros(1, np.int64)
        label = int(counted.argmax())
        return label if label and counted[label] * 2 >= patch.size else 0

    def are_in_different_balloons(self, a: TextLine, b: TextLine) -> bool:
        """Return whether two lines stand in two different balloons, or in two that overlap."""
        first, second = self.under(a), self.under(b)
        if first != second:
            return first in self.outlines and second in self.outlines
        return first in self.outlines and self._has_neck(first, a, b)

    def _has_neck(self, label: int, a: TextLine, b: TextLine) -> bool:
        """Return whether a shape is narrower between two columns, or rows, than at both of them.

        A balloon is convex, or nearly, so that two that overlap have a neck where they meet.
        """
        vertical = is_vertical(a) and is_vertical(b)
        if not vertical and (is_vertical(a) or is_vertical(b)):
            return False
        first, second = sorted((a.box, b.box), key=lambda box: box.center[0 if vertical else 1])
        axis = 0 if vertical else 1
        places = first.center[axis], (first[axis + 2] + second[axis]) / 2, second.center[axis]
        middle = (max(first[1 - axis], second[1 - axis]) + min(first[3 - axis], second[3 - axis])) / 2
        lengths = [self._chord(label, round(place), round(middle), vertical=vertical) for place in places]
        return 0 < lengths[1] < MAX_NECK * min(lengths[0], lengths[2])

    def _chord(self, label: int, place: int, middle: int, *, vertical: bool) -> int:
        """Return how far a shape reaches through a point without a gap, upright or level, in pixels."""
        across = self.labels[:, place] if vertical else self.labels[place]
        if not 0 <= middle < len(across) or across[middle] != label:
            return 0
        outside = np.flatnonzero(across != label)
        before, behind = outside[outside < middle], outside[outside > middle]
        return int((behind[0] if len(behind) else len(across)) - (before[-1] if len(before) else -1) - 1)


def find_white_shapes(page: Image, lines: Sequence[TextLine]) -> WhiteShapes:
    """Find the white shapes under `lines` on `page`, (h, w, 3) RGB uint8."""
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    white = (grey > PAPER).astype(np.uint8)
    for line in lines:
        cv2.fillPoly(white, [np.round(line.quad).astype(np.int32)], 1)
    _, labels, stats, _ = cv2.connectedComponentsWithStats(white, connectivity=4, ltype=cv2.CV_32S)
    shapes = WhiteShapes(np.asarray(labels, dtype=np.int32), {})
    lettered: dict[int, list[Box]] = {}
    for line in lines:
        label = shapes.under(line)
        if label:
            lettered.setdefault(label, []).append(line.box)
    for label, boxes in lettered.items():
        x, y, w, h, size = (int(v) for v in stats[label])
        inked = sum(box.area for box in boxes)
        if size > MAX_PAGE_SHARE * grey.size or size > 16 * inked or size < 1.05 * inked:
            continue
        if not _is_centred(union_box(boxes), Box(x, y, x + w, y + h), size > LOOSE_SHARE * inked):
            continue
        outline = _trace_outline(shapes.labels[y : y + h, x : x + w] == label, x, y)
        if outline:
            shapes.outlines[label] = outline
    return shapes


def _is_centred(lettering: Box, shape: Box, loose: bool) -> bool:
    """Return whether lettering stands in the middle of a white shape; `loose` is whether it fills little of it."""
    off_x = abs(lettering.center[0] - shape.center[0]) / shape.width
    off_y = abs(lettering.center[1] - shape.center[1]) / shape.height
    return max(off_x, off_y) <= (MAX_LOOSE_OFFSET if loose else MAX_OFFSET)


def _trace_outline(inside: NDArray[np.bool_], x: int, y: int) -> Polygon:
    """Return the polygon around a shape, () if it is too ragged to be a balloon."""
    contours, _ = cv2.findContours(inside.astype(np.uint8), cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
    if not contours:
        return ()
    contour = max(contours, key=cv2.contourArea)
    filled, hull = cv2.contourArea(contour), cv2.contourArea(cv2.convexHull(contour))
    if filled < MIN_HULL_SHARE * hull or inside.sum() < MIN_WHITE_SHARE * filled:
        return ()
    smooth = cv2.approxPolyDP(contour, 0.004 * cv2.arcLength(contour, True), True).reshape(-1, 2)
    return tuple((float(px + x), float(py + y)) for px, py in smooth) if len(smooth) >= 3 else ()


def block_outline(block: Block, shapes: WhiteShapes) -> Polygon:
    """Return the outline of the balloon that holds most of a block's lines, () for lettering without a balloon."""
    labels = [shapes.under(line) for line in block.lines]
    best = max(set(labels), key=labels.count)
    return shapes.outlines.get(best, ()) if labels.count(best) * 2 > len(labels) else ()


def make_hidden_mask(blocks: Sequence[Block], shapes: WhiteShapes, size: tuple[int, int]) -> Mask:
    """Return the mask of everything that lettering and balloons cover.

    Sound effects that are drawn large across panels hide little between their strokes and are left out.

    Args:
        blocks: The lettering of the page.
        shapes: The white shapes of the same page.
        size: Height and width of the page in pixels.

    Returns:
        A mask of the page, (h, w) uint8, 255 = hidden.
    """
    mask = np.zeros(size, np.uint8)
    side = float(size[0] * size[1]) ** 0.5
    max_reach, max_glyph = 0.008 * side, MAX_TYPESET_SHARE * side
    for block in blocks:
        reach = max(1, round(min(0.35 * block.glyph, max_reach)))
        outline = block_outline(block, shapes)
        if outline:
            points = np.round(np.array(outline)).astype(np.int32)
            cv2.fillPoly(mask, [points], 255)
            cv2.polylines(mask, [points], True, 255, 2 * max(2, reach // 2))
        for line in block.lines if outline or block.glyph < max_glyph else ():
            points = np.round(line.quad).astype(np.int32)
            cv2.fillPoly(mask, [points], 255)
            cv2.polylines(mask, [points], True, 255, reach)
    return mask


def to_balloon(
    block: Block,
    shapes: WhiteShapes,
    *,
    number: int,
    typical: float,
    language: str,
    size: tuple[int, int],
    in_columns: bool = False,
) -> Balloon:
    """Convert a block of lettering to a balloon with a provisional id.

    Args:
        block: The lettering.
        shapes: The white shapes of the page.
        number: Number of the balloon, for its id and order.
        typical: The usual type size of the page in pixels.
        language: The language of the page, for blocks that leave a choice.
        size: Height and width of the page in pixels.
        in_columns: Whether the lettering of the page stands in columns.
    """
    own_language = block_language(block, language)
    outline = block_outline(block, shapes)
    across, along = PAD_ACROSS * block.glyph, PAD_ALONG * block.glyph
    padded = grow(block.box, across, along) if block.vertical else grow(block.box, along, across)
    box = overlap_box(padded, Box(0.0, 0.0, float(size[1]), float(size[0]))) or block.box
    return Balloon(
        id=f"t-{number}",
        order=number,
        box=box,
        kind=_classify(block, outline, typical, in_columns=in_columns),
        text=block.text(own_language),
        language=own_language,
        vertical=block.vertical,
        confidence=round(block.confidence, 4),
        outline=outline,
    )


def _classify(block: Block, outline: Polygon, typical: float, *, in_columns: bool) -> Kind:
    """Classify lettering: speech in a round shape, caption in a box, sound for large or slanted type in none.

    Signs, titles and other lettering of the drawn world, which nobody says, are of another kind.
    """
    if outline:
        if all(_slope(line) > MAX_LEAN and count_letters(line.text) >= MIN_LEANING for line in block.lines):
            return "other"
        return "caption" if polygon_area(outline) > 0.93 * bounding_box(outline).area else "speech"
    text = "".join(line.text for line in block.lines)
    counted = count_scripts([text])
    kana = counted["kana"] >= 0.8 * max(1, sum(counted.values()))
    large = block.glyph > 1.8 * typical
    crooked = any(_slope(line) > 0.12 for line in block.lines)
    if count_letters(text) <= 8 and (large or (kana and (crooked or block.confidence < 0.85))):
        return "sound"
    is_row_among_columns = in_columns and not block.vertical
    is_lone_sign = count_letters(text) == 1 and counted["han"] == 1
    return "other" if count_letters(text) and (is_row_among_columns or is_lone_sign) else "speech"


def _slope(line: TextLine) -> float:
    """Return how far a line leans from upright or level, as the slope of its long side."""
    edges = np.abs(np.diff(line.quad[:3], axis=0))
    across, along = np.sort(edges[np.hypot(*edges.T).argmax()])
    return float(across / max(along, 1e-6))
