"""Read what the text detector misses in balloons: single words, dots and exclamation marks.

A detector of lines looks for rows of letters, and one or two signs in a large balloon are none. A balloon is a white
shape with a dark outline, and whatever ink stands in its middle is lettering. The recogniser reads that ink without the
outline, which it would take for a letter; dots and a single exclamation mark are known by their form alone.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from storage.domain import Box
from tools.geometry import grow
from tools.plates import Image, Mask
from tools.reading.balloons import PAPER
from tools.reading.lettering import MIN_SCORE, group_lines
from tools.reading.ocr import TextLine
from tools.reading.text_filter import usual_type_size
from tools.reading.writing_system import SPACED, count_scripts, language_of

Recogniser = Callable[[Sequence[Image]], list[tuple[str, float]]]
"""Reads pictures of single lines, each (h, w, 3) RGB uint8; returns the text and the score, 0..1, of each."""

DEFAULT_TYPE = 0.035
"""The type size of a page on which no lettering is known, as a share of its side."""
MIN_WIDTH, MAX_LENGTH, MIN_AREA = 1.1, 14.0, 1.2
"""Limits of a balloon: its sides in type sizes, and its area in squares of the type size."""
MIN_SOLIDITY, MIN_OUTLINE, OUTLINE_GREY = 0.85, 0.85, 110
"""A balloon fills this share of its hull; this share of its outline is darker than OUTLINE_GREY (0..255)."""
MIN_INK = 5
"""Fewer pixels of ink are dust."""
MAX_OFFSET, MAX_FILL = (0.15, 0.18), (0.8, 0.85)
"""Lettering stands in the middle of its balloon: shares of the balloon's width and height."""
MIN_DENSITY = 0.22
"""Letters cover this share of the box around them; the lines of a drawing cover less."""
MAX_SIGN = 1.2
"""Height or width of a letter at most, in type sizes."""
MAX_DOT = 0.3
"""Sides of a dot at most, in type sizes."""
MIN_COLUMN_GAP, MIN_COLUMN = 0.12, 0.35
"""Columns narrower than MIN_COLUMN stand at least MIN_COLUMN_GAP apart, in type sizes; less is within a letter."""
MARK_SCORE = 0.9
"""Confidence in a mark that is known by its form."""
PADDING = 0.2
"""How far the box of a line reaches beyond its ink, in type sizes, as the detector's boxes do."""
MARK_ROOM = 0.25
"""Dots and strokes take the room of whole letters: so much more above and below them, in type sizes."""
MAX_UNREAD, SURE_SCORE = 0.15, 0.7
"""A balloon is read again if more of its ink lies in no line, or a line has a lower score; the result must reach it."""
MIN_LONE_SCORE, STROKES = 0.9, "一二三十口八ーノ"
"""Least score of a single sign; STROKES are so simple that lines of a drawing are read as them."""

Bits = NDArray[np.bool_]


@dataclass(frozen=True)
class _Spot:
    """A connected spot of ink."""

    box: Box
    area: int


def complete_lines(page: Image, lines: Sequence[TextLine], recognise: Recogniser) -> list[TextLine]:
    """Read the balloons that no line covers, and those of which a line or more is missing.

    Args:
        page: The image of the page, (h, w, 3) RGB uint8.
        lines: The lines that are known.
        recognise: Reads pictures of single lines.

    Returns:
        All lines of the page in page pixels: those that are known, without those that are read again, then the others.
    """
    known = [line for line in lines if line.score >= MIN_SCORE]
    if language_of([line.text for line in known]) in SPACED:
        return list(lines)
    size = usual_type_size(group_lines(known)) or DEFAULT_TYPE * float(page.shape[0] * page.shape[1]) ** 0.5
    grey = np.asarray(cv2.cvtColor(page, cv2.COLOR_RGB2GRAY), dtype=np.uint8)
    found: list[TextLine] = []
    replaced: list[TextLine] = []
    for balloon, ink in _find_balloons(grey, size):
        inside = [line for line in known if _holds(balloon, line.box.center)]
        spots = _find_spots(ink, balloon)
        if not spots or (inside and not _is_half_read(spots, inside)) or not _is_lettering(spots, balloon, size):
            continue
        read = _read_spots(page, ink, balloon, spots, size, recognise)
        if not inside:
            found += read
        elif _is_better(read, inside):
            found += read
            replaced += inside
    return [*(line for line in lines if not any(line is other for other in replaced)), *found]


def _is_half_read(spots: Sequence[_Spot], inside: Sequence[TextLine]) -> bool:
    """Return whether much ink of a balloon lies in none of its lines, or a line is read with little confidence."""
    unread = sum(spot.area for spot in spots if not any(_holds(line.box, spot.box.center) for line in inside))
    return unread > MAX_UNREAD * sum(spot.area for spot in spots) or min(line.score for line in inside) < SURE_SCORE


def _is_better(read: Sequence[TextLine], known: Sequence[TextLine]) -> bool:
    """Return whether a balloon read again says more than the lines that are known, and says it with more confidence."""
    letters = [sum(len(line.text) for line in lines) for lines in (read, known)]
    scores = [min((line.score for line in lines), default=0.0) for lines in (read, known)]
    return letters[0] > letters[1] and scores[0] >= min(SURE_SCORE, scores[1])


def _holds(box: Box, point: tuple[float, float]) -> bool:
    """Return whether a box holds a point."""
    return box.x0 < point[0] < box.x1 and box.y0 < point[1] < box.y1


def _find_balloons(grey: NDArray[np.uint8], size: float) -> Iterator[tuple[Box, Mask]]:
    """Yield the box of every white shape with a dark outline, and the mask of the ink in it."""
    _, labels, stats, _ = cv2.connectedComponentsWithStats(
        (grey > PAPER).astype(np.uint8), connectivity=4, ltype=cv2.CV_32S
    )
    left, top, wide, high, area = stats[1:].T
    fits = (area >= MIN_AREA * size**2) & (np.minimum(wide, high) >= MIN_WIDTH * size)
    fits &= (np.maximum(wide, high) <= MAX_LENGTH * size) & (left > 0) & (top > 0)
    fits &= (left + wide < grey.shape[1]) & (top + high < grey.shape[0])
    for label in np.flatnonzero(fits) + 1:
        x, y, w, h = (int(value) for value in stats[label, :4])
        shape = (labels[y : y + h, x : x + w] == label).astype(np.uint8)
        contours, _ = cv2.findContours(shape, cv2.RETR_EXTERNAL, cv2.CHAIN_APPROX_NONE)
        outline = max(contours, key=cv2.contourArea)
        if cv2.contourArea(outline) < MIN_SOLIDITY * cv2.contourArea(cv2.convexHull(outline)):
            continue
        rim = grey[max(0, y - 4) : y + h + 4, max(0, x - 4) : x + w + 4]
        points = outline.reshape(-1, 2) + np.array([min(4, x), min(4, y)])
        darkest = cv2.erode(rim, np.ones((5, 5), np.uint8))[points[:, 1], points[:, 0]]
        if (darkest < OUTLINE_GREY).mean() < MIN_OUTLINE:
            continue
        filled = np.zeros_like(shape)
        cv2.drawContours(filled, [outline], -1, 1, cv2.FILLED)
        yield Box(float(x), float(y), float(x + w), float(y + h)), filled & (1 - shape)


def _find_spots(ink: Mask, balloon: Box) -> list[_Spot]:
    """Return the connected spots of ink in page pixels, from the top, without dust."""
    _, _, stats, _ = cv2.connectedComponentsWithStats(ink, connectivity=8)
    spots = [
        _Spot(Box(balloon.x0 + x, balloon.y0 + y, balloon.x0 + x + w, balloon.y0 + y + h), int(area))
        for x, y, w, h, area in stats[1:].tolist()
        if area >= MIN_INK
    ]
    return sorted(spots, key=lambda spot: spot.box.y0)


def _around(spots: Sequence[_Spot]) -> Box:
    """Return the box around spots."""
    return Box(
        min(spot.box.x0 for spot in spots),
        min(spot.box.y0 for spot in spots),
        max(spot.box.x1 for spot in spots),
        max(spot.box.y1 for spot in spots),
    )


def _is_lettering(spots: Sequence[_Spot], balloon: Box, size: float) -> bool:
    """Return whether ink is as dense as letters and stands in the middle of its balloon."""
    if len(spots) < 2 or max(max(spot.box.width, spot.box.height) for spot in spots) > MAX_SIGN * size:
        return False
    box = _around(spots)
    off_x, off_y = (abs(box.center[axis] - balloon.center[axis]) for axis in (0, 1))
    if off_x > MAX_OFFSET[0] * balloon.width or off_y > MAX_OFFSET[1] * balloon.height:
        return False
    if box.width > MAX_FILL[0] * balloon.width or box.height > MAX_FILL[1] * balloon.height:
        return False
    return sum(spot.area for spot in spots) >= MIN_DENSITY * box.area


def _read_spots(
    page: Image, ink: Mask, balloon: Box, spots: Sequence[_Spot], size: float, recognise: Recogniser
) -> list[TextLine]:
    """Read all ink of a balloon: a mark, or columns of letters from the right; [] if it says nothing."""
    mark = _mark_of(spots, size)
    if mark:
        return [_make_line(grow(_around(spots), 0.0, MARK_ROOM * size), mark, MARK_SCORE, size)]
    boxes = [_around(column) for column in _find_columns(spots, size)]
    read = recognise([_cut_out(page, ink, balloon, box, size) for box in boxes])
    text = "".join(part for part, _ in read)
    counted = count_scripts([text])
    score = min(part_score for _, part_score in read)
    letters = sum(counted.values())
    if not (counted["kana"] + counted["han"] >= max(1, 0.5 * letters) or (text in ("?", "？") and score >= MARK_SCORE)):
        return []
    if len(text) == 1 and (score < MIN_LONE_SCORE or text in STROKES):
        return []
    return [_make_line(box, part, part_score, size) for box, (part, part_score) in zip(boxes, read, strict=True)]


def _mark_of(spots: Sequence[_Spot], size: float) -> str:
    """Return the dots or the exclamation mark that the spots are, "" if they are letters."""
    sides = [max(spot.box.width, spot.box.height) for spot in spots]
    if len(spots) >= 3 and max(sides) < MAX_DOT * size and max(sides) < 2 * min(sides):
        return "…" * max(1, round(len(spots) / 3))
    if len(spots) == 2:
        stroke, dot = spots[0].box, spots[1].box
        aligned = abs(stroke.center[0] - dot.center[0]) < 0.5 * dot.width and stroke.y1 < dot.y0
        if aligned and stroke.height > max(2 * stroke.width, 2 * dot.height) and dot.width < 2 * dot.height:
            return "！"
    return ""


def _find_columns(spots: Sequence[_Spot], size: float) -> list[list[_Spot]]:
    """Return spots in columns from the right; small type hardly leaves a gap, so that any gap parts wide columns."""
    parts: list[list[_Spot]] = []
    for spot in sorted(spots, key=lambda spot: -spot.box.x1):
        if parts and spot.box.x1 > min(other.box.x0 for other in parts[-1]):
            parts[-1].append(spot)
        else:
            parts.append([spot])
    columns: list[list[_Spot]] = []
    for part in parts:
        box, before = _around(part), _around(columns[-1]) if columns else None
        is_narrow = before is not None and min(box.width, before.width) < MIN_COLUMN * size
        if before is not None and is_narrow and before.x0 - box.x1 < MIN_COLUMN_GAP * size:
            columns[-1] += part
        else:
            columns.append(part)
    return columns


def _cut_out(page: Image, ink: Mask, balloon: Box, box: Box, size: float) -> Image:
    """Return the picture of a column without the balloon's outline, turned level if it is long."""
    x, y = int(balloon.x0), int(balloon.y0)
    near = cv2.dilate(ink, np.ones((3, 3), np.uint8)) > 0
    picture = np.where(near[:, :, None], page[y : y + ink.shape[0], x : x + ink.shape[1]], np.uint8(255))
    padded = grow(box, 0.12 * size, 0.12 * size)
    x0, y0 = max(0, round(padded.x0 - x)), max(0, round(padded.y0 - y))
    cut = picture[y0 : round(padded.y1 - y), x0 : round(padded.x1 - x)]
    turned = np.rot90(cut) if cut.shape[0] >= 1.5 * cut.shape[1] else cut
    return np.ascontiguousarray(turned, dtype=np.uint8)


def _make_line(box: Box, text: str, score: float, size: float) -> TextLine:
    """Return a line with a box as wide around its ink as the detector's boxes are."""
    across = max(PADDING * size, (0.8 * size - box.width) / 2)
    return _line_of(grow(box, across, PADDING * size), text, score)


def _line_of(box: Box, text: str, score: float) -> TextLine:
    """Return a line whose quad is an upright box."""
    corners = [[box.x0, box.y0], [box.x1, box.y0], [box.x1, box.y1], [box.x0, box.y1]]
    return TextLine(np.array(corners, dtype=np.float64), text, score)
