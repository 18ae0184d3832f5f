"""Draw the face of the robin: eyes, beak, brows and crest."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drawing.ball import Ball
from drawing.ink import Points, arc, curve, points


def draw_face(b: Ball) -> None:
    """Draw the visible eyes, with brows and blush."""
    for side in (-1, 1):
        eye = b.on(side * 34, 8, head=True)
        if eye[2] < 0.42:
            continue
        _eye(b, eye)
        if b.pose.brow:
            _brow(b, eye, side)
        cheek = b.on(side * 46, -17, head=True)
        if b.pose.blush and cheek[2] > 0.1:
            for dx in (-0.09, 0.0, 0.09):
                line = points((cheek[0] + dx + 0.035, cheek[1] - 0.055), (cheek[0] + dx - 0.035, cheek[1] + 0.055))
                b.sheet.stroke(b.page(line), b.line * 0.7, (0.6, 0.4))


def _eye(b: Ball, eye: NDArray[np.float64]) -> None:
    s, kind = b.sheet, b.pose.eyes
    thin = float(np.clip(eye[2], 0.5, 1.0)) ** 0.5
    x, y = float(eye[0]), float(eye[1])

    def oval(rx: float, ry: float, dx: float = 0, dy: float = 0) -> Points:
        return b.page(arc(x + dx * thin, y + dy, rx * thin, ry))

    if kind in ("closed", "happy"):
        start, end, dy = (15, 165, -0.03) if kind == "closed" else (195, 345, 0.06)
        s.stroke(b.page(arc(x, y + dy, 0.17 * thin, 0.13, start, end)), b.line * 1.35, (0.4, 0.4))
    elif kind == "wide":
        s.fill(oval(0.235, 0.25), value=0)
        s.fill(oval(0.205, 0.22), value=255)
        s.fill(oval(0.085, 0.1), value=0)
        s.fill(oval(0.03, 0.03, -0.03, -0.035), value=255)
    else:
        big = 1.22 if kind == "shine" else 1.0
        s.fill(oval(0.186 * big, 0.228 * big), value=255)
        s.fill(oval(0.16 * big, 0.202 * big), value=0)
        s.fill(oval(0.06 * big, 0.068 * big, -0.05, -0.08), value=255)
        s.fill(oval(0.026 * big, 0.028 * big, 0.05, 0.075), value=255)
        if kind == "shine":
            s.tone(oval(0.11, 0.07, 0.0, 0.11), level=0.45, value=255)
        if kind == "half":
            lid = b.page(arc(x, y, 0.19 * thin, 0.22, 180, 360))
            s.fill(lid, value=255)
            s.tone(lid, level=0.34)
            s.stroke(b.page(points((x - 0.18 * thin, y), (x + 0.18 * thin, y))), b.line, (0.6, 0.6))


def _brow(b: Ball, eye: NDArray[np.float64], side: int) -> None:
    x, y = float(eye[0]), float(eye[1])
    ends = points((x - 0.12, y - 0.29), (x, y - 0.33), (x + 0.12, y - 0.29))
    ends[:, 1] += np.array([-1, 0, 1]) * 0.09 * side * b.pose.brow
    b.sheet.stroke(b.page(curve(ends)), b.line * 1.2, (0.5, 0.4))


def draw_beak(b: Ball) -> None:
    """Draw a small dark beak; when open, the lower half shows its pale inside."""
    gape, s = b.pose.beak, b.sheet
    base = [b.on(yaw, pitch, 0.97, head=True)[:2] for yaw, pitch in ((-10, -3), (10, -3))]
    top, low = (b.on(0, pitch, 0.98, head=True)[:2] for pitch in (7, -13 - 9 * gape))
    up = b.on(0, -2 + 8 * gape, 1.3, head=True)[:2]
    down = b.on(0, -5 - 20 * gape, 1.24, head=True)[:2]
    if 0 < b.shade < 1:
        b.plain(b.hull([*base, low, up, top]))
        return
    if not gape or b.dark:
        s.fill(b.hull([*base, low, down]))
    else:
        jaw = b.hull([*base, low, down])
        s.fill(jaw, value=255)
        s.tone(jaw, level=0.3)
        s.contour(jaw, b.line * 0.8)
    s.fill(b.hull([*base, top, up]))
    if not b.dark:
        shine = np.array([top * 0.75 + up * 0.25, top * 0.45 + up * 0.55])
        s.stroke(b.page(shine + np.array([0, 0.035])), b.line * 0.45, (0.5, 0.3), value=255)


def crest(b: Ball) -> list[Points]:
    """Return the three feathers on the crown as lines in page pixels; a shadow has none."""
    if 0 < b.shade < 1:
        return []
    crown = b.on(0, 86, 0.97, head=True)[:2]
    lean = 0.35 * np.sin(np.radians(b.pose.yaw if b.pose.look is None else b.pose.look))
    if b.pose.tuft < 0:
        tips = [(-0.24, 0.03), (-0.05, -0.1), (0.22, 0.02)]
    else:
        rise = 0.2 + 0.12 * b.pose.tuft
        back = lean * (1.2 - b.pose.tuft * 0.6)
        tips = [(dx - back, -rise * high) for dx, high in ((-0.1, 0.7), (0.05, 1.0), (0.16, 0.6))]
    lines = []
    for (dx, dy), spread in zip(tips, (-0.025, 0.012, 0.04), strict=True):
        tip, root = crown + np.array([dx, dy]), crown + np.array([spread, 0.06])
        bow = (root + tip) / 2 + np.array([0.05 if b.pose.tuft >= 0 else 0.0, -0.04])
        lines.append(b.page(curve(np.array([root, bow, tip]))))
    return lines
