"""Draw balloons and captions with their lettering, and return the boxes of the words."""

from __future__ import annotations

from functools import cache

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from drawing.ink import Points, Sheet, curve, rect

SPEECH = "/usr/share/fonts/truetype/tomsontalks/TomsonTalks.ttf"
CAPTION = "/usr/share/fonts/opentype/comic-neue/ComicNeue-BoldItalic.otf"
LEADING = 1.0  # from line to line, in sizes
Rect = tuple[float, float, float, float]


@cache
def _font(path: str, size: float) -> ImageFont.FreeTypeFont:
    return ImageFont.truetype(path, size, layout_engine=ImageFont.Layout.BASIC)


def measure(lines: list[str], size: float, path: str) -> tuple[float, float]:
    """Return the width and height of a block of centred lines, in page pixels."""
    font = _font(path, size * 4)
    return max(font.getlength(line) for line in lines) / 4, size * LEADING * len(lines)


def letter(sheet: Sheet, lines: list[str], cx: float, cy: float, size: float, path: str, value: int = 0) -> Rect:
    """Draw lines of text centred on cx, cy and return the box of their ink."""
    k = sheet.scale
    wide, high = measure(lines, size, path)
    pad = size
    w, h = int((wide + 2 * pad) * k), int((high + 2 * pad) * k)
    image = Image.new("L", (w, h), 0)
    bold = round(size * k * 0.03) if path == SPEECH else 0
    draw, font = ImageDraw.Draw(image), _font(path, size * k)
    for i, line in enumerate(lines):
        y = (pad + size * LEADING * (i + 0.5)) * k
        draw.text((w / 2, y), line, font=font, fill=255, anchor="mm", stroke_width=bold)
    ink = np.asarray(image)
    rows, cols = np.flatnonzero(ink.max(1) > 127), np.flatnonzero(ink.max(0) > 127)
    left = cx - (cols[0] + cols[-1]) / 2 / k
    top = cy - (rows[0] + rows[-1]) / 2 / k
    sheet.stamp(ink, left, top, value)
    return (left + cols[0] / k, top + rows[0] / k, left + cols[-1] / k, top + rows[-1] / k)


def _tail(cx: float, cy: float, rx: float, ry: float, tip: tuple[float, float], width: float) -> Points:
    """Return a curved tail from inside the balloon to its tip."""
    way = np.array(tip) - [cx, cy]
    a = np.arctan2(way[1] / ry, way[0] / rx)
    spread = width / max(rx, ry)
    one, two = (np.array([cx + rx * 0.93 * np.cos(a + d), cy + ry * 0.93 * np.sin(a + d)]) for d in (-spread, spread))
    bow = np.array([-way[1], way[0]]) / max(1.0, float(np.hypot(*way))) * float(np.hypot(*way)) * 0.07
    mid = ((one + two) / 2 + np.array(tip)) / 2 + bow
    first = curve(np.array([one, (one * 0.38 + mid * 0.62), np.array(tip)]))
    second = curve(np.array([np.array(tip), (two * 0.38 + mid * 0.62), two]))
    return np.vstack([first, second])


def _shape(kind: str, cx: float, cy: float, rx: float, ry: float) -> Points:
    a = np.linspace(0, 2 * np.pi, 181)[:-1]
    if kind == "burst":
        spikes = 15
        saw = np.abs(((a * spikes / np.pi) % 2) - 1) ** 1.4
        r = 0.9 + 0.34 * saw * (0.75 + 0.25 * np.sin(a * 4 + 0.7))
        return np.stack([cx + rx * r * np.cos(a), cy + ry * r * np.sin(a)], axis=1)
    c, s = np.cos(a), np.sin(a)
    n = 2 / 2.35  # a little squarer than an ellipse, as lettering is
    r = 1 + 0.012 * np.sin(3 * a + cx) + 0.01 * np.sin(2 * a + cy)
    return np.stack([cx + rx * r * np.sign(c) * np.abs(c) ** n, cy + ry * r * np.sign(s) * np.abs(s) ** n], axis=1)


def balloon(
    sheet: Sheet,
    lines: list[str],
    cx: float,
    cy: float,
    tip: tuple[float, float] | None = None,
    size: float = 36,
    kind: str = "speech",
    width: float = 24,
) -> tuple[Rect, Rect]:
    """Draw a speech balloon around cx, cy with its tail at `tip`.

    Returns the box of the words and of the whole shape.
    """
    wide, high = measure(lines, size, SPEECH)
    rx, ry = wide * 0.5 * 1.12 + size * 0.68, high * 0.5 * 1.12 + size * 0.8
    if kind == "burst":
        rx, ry = rx * 1.14, ry * 1.22
    body = _shape(kind, cx, cy, rx, ry)
    tail = _tail(cx, cy, rx, ry, tip, width) if tip else None
    for part in (body, tail):
        if part is not None:
            sheet.contour(part, 4.0, light=-75)
    sheet.fill(body, value=255)
    if tail is not None:
        sheet.fill(tail, value=255)
    words = letter(sheet, lines, cx, cy, size, SPEECH)
    low, high2 = body.min(0), body.max(0)
    return words, (float(low[0]), float(low[1]), float(high2[0]), float(high2[1]))


def caption(
    sheet: Sheet, lines: list[str], x: float, y: float, size: float = 25, dark: bool = False, bare: bool = False
) -> Rect:
    """Draw a caption box with its corner at x, y; `bare` leaves the box out.

    Returns the box of the words.
    """
    wide, high = measure(lines, size, CAPTION)
    w, h = wide + size * 1.3, high + size * 0.75
    paper, ink = (0, 255) if dark else (255, 0)
    if not bare:
        box = rect(x, y, x + w, y + h)
        sheet.fill(box, value=paper)
        sheet.strokes(np.vstack([box, box[:1]]).repeat(1, axis=0), np.full(5, 3.0), ink, 0)
    return letter(sheet, lines, x + w / 2, y + h / 2, size, CAPTION, ink)
