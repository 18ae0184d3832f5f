"""Draw film strips, reels, a camera and a projector, in lines and blacks."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from drawing.ink import Points, Sheet, along, arc, curve, points, rect

Content = Callable[[int, Points], None]


def _quad(a: Points, b: Points, t0: float, t1: float, v0: float, v1: float) -> Points:
    """Return a four-sided cell of a band between edge a (v = 0) and edge b (v = 1)."""

    def at(t: float, v: float) -> Points:
        i = t * (len(a) - 1)
        j = min(int(i), len(a) - 2)
        p = a[j] + (a[j + 1] - a[j]) * (i - j)
        q = b[j] + (b[j + 1] - b[j]) * (i - j)
        return p + (q - p) * v

    ts = np.linspace(t0, t1, 5)
    return np.array([at(t, v0) for t in ts] + [at(t, v1) for t in ts[::-1]])


def strip(
    sheet: Sheet,
    top: Points,
    low: Points,
    frames: int,
    content: Content | None = None,
    paper: int = 255,
    grow: float = 1.0,
    rim: int | None = None,
) -> list[Points]:
    """Draw a film strip between two edge lines and return the outlines of its frames.

    `grow` widens the frames towards the end.
    """
    middle = np.concatenate([[0], np.cumsum(np.hypot(*np.diff((top + low) / 2, axis=0).T))])
    at = np.linspace(0, middle[-1], 200)
    a, b = (np.stack([np.interp(at, middle, edge[:, k]) for k in (0, 1)], axis=1) for edge in (top, low))
    band = np.vstack([a, b[::-1]])
    if rim is not None:
        sheet.contour(band, 7, value=rim)
    sheet.fill(band, value=0)
    cuts = np.cumsum([0.0] + [grow**i for i in range(frames)])
    cuts /= cuts[-1]
    cells = []
    for i in range(frames):
        t0, t1 = cuts[i], cuts[i + 1]
        gap = (t1 - t0) * 0.07
        cell = _quad(a, b, t0 + gap, t1 - gap, 0.2, 0.8)
        sheet.fill(cell, value=paper)
        cells.append(cell)
        for k in range(4):
            h0 = t0 + (t1 - t0) * (k + 0.28) / 4
            h1 = t0 + (t1 - t0) * (k + 0.72) / 4
            for v0, v1 in ((0.055, 0.14), (0.86, 0.945)):
                sheet.fill(_quad(a, b, h0, h1, v0, v1), value=255)
        if content is not None:
            with sheet.within(cell):
                content(i, cell)
    return cells


def flat_strip(
    sheet: Sheet,
    x0: float,
    x1: float,
    y: float,
    height: float,
    frames: int,
    content: Content | None = None,
    curl: float = 0.1,
) -> list[Points]:
    """Draw a strip lying flat, slightly curled as film always is."""
    x = np.linspace(x0, x1, 60)
    bow = curl * height * (0.6 * np.sin(x / 71 + y) + np.sin(x / 163 + 1))
    return strip(sheet, np.stack([x, y + bow], axis=1), np.stack([x, y + height + bow], axis=1), frames, content)


def reel(sheet: Sheet, x: float, y: float, r: float, spin: float = 0, dark: bool = False) -> None:
    """Draw a film reel from its side: a rim, five holes and an axle."""
    ring = arc(x, y, r, r, 0, 360, 90)
    sheet.fill(ring, value=0 if dark else 255)
    if not dark:
        sheet.tone(ring, level=0.3)
        sheet.contour(ring, 4)
        sheet.contour(arc(x, y, r * 0.9, r * 0.9, 0, 360, 80), 1.8)
    for k in range(5):
        a = np.radians(spin + k * 72)
        hole = arc(x + np.cos(a) * r * 0.54, y + np.sin(a) * r * 0.54, r * 0.22, r * 0.22, 0, 360, 40)
        sheet.fill(hole, value=255 if dark else 0)
    sheet.fill(arc(x, y, r * 0.12, r * 0.12), value=255)
    if not dark:
        sheet.contour(arc(x, y, r * 0.12, r * 0.12), 2)


def lens(sheet: Sheet, x: float, y: float, r: float) -> Points:
    """Draw a lens from the front and return the outline of its glass, for a reflection."""
    for k, value in ((1.0, 0), (0.92, 255), (0.84, 0), (0.74, 255), (0.7, 0)):
        sheet.fill(arc(x, y, r * k, r * k, 0, 360, 120), value=value)
    sheet.tone(
        arc(x, y, r * 0.92, r * 0.92, 0, 360, 100), level=lambda px, py: np.clip((py - y + r) / (2.4 * r), 0.05, 0.8)
    )
    sheet.fill(arc(x, y, r * 0.78, r * 0.78, 0, 360, 120), value=0)
    return arc(x, y, r * 0.68, r * 0.68, 0, 360, 120)


def ruled(sheet: Sheet, a: tuple[float, float], b: tuple[float, float], width: float, value: int = 0) -> None:
    """Draw a straight line of even width."""
    p = along(points(a, b), 3)
    sheet.strokes(p, np.full(len(p), width), value, 0)


def _legs(sheet: Sheet, x: float, y: float, s: float, drop: float) -> None:
    for dx in (-0.62, 0.0, 0.62):
        foot = (x + dx * drop * 0.55, y + drop * (1 if dx else 0.94))
        mid = ((x + foot[0]) / 2, (y + foot[1]) / 2)
        ruled(sheet, (x + dx * s * 0.3, y), foot, s * 0.17)
        ruled(sheet, (x + dx * s * 0.3, y), mid, s * 0.07, 255)


def camera(sheet: Sheet, x: float, y: float, s: float, drop: float = 0, facing: int = -1) -> None:
    """Draw a film camera from the side, centred at x, y, with two reels on top and its lens towards `facing`."""
    if drop:
        _legs(sheet, x, y + s * 0.6, s, drop)
    reel(sheet, x + facing * s * 0.42, y - s * 1.05, s * 0.52, 20)
    reel(sheet, x - facing * s * 0.56, y - s * 0.98, s * 0.58, 50)
    body = rect(x - s, y - s * 0.6, x + s, y + s * 0.62)
    sheet.fill(body, value=0)
    ruled(sheet, (x - s * 0.84, y - s * 0.42), (x + s * 0.84, y - s * 0.42), s * 0.035, 255)
    plate = rect(x - s * 0.3 * (1 - facing), y - s * 0.22, x + s * 0.3 * (1 + facing), y + s * 0.4)
    sheet.tone(plate, level=0.32, value=255, pitch=5)
    nose = points(
        (x + facing * s, y - s * 0.34),
        (x + facing * s * 1.5, y - s * 0.42),
        (x + facing * s * 1.5, y + s * 0.34),
        (x + facing * s, y + s * 0.26),
    )
    sheet.fill(nose, value=255)
    sheet.tone(nose, level=lambda px, py: np.clip((py - y + s * 0.5) / s, 0.05, 0.9))
    sheet.contour(nose, 3.4)
    hood = points(
        (x + facing * s * 1.5, y - s * 0.54),
        (x + facing * s * 1.72, y - s * 0.62),
        (x + facing * s * 1.72, y + s * 0.54),
        (x + facing * s * 1.5, y + s * 0.46),
    )
    sheet.fill(hood, value=0)
    for k in range(3):
        sheet.fill(arc(x - facing * s * (0.72 - 0.02 * k), y - s * 0.08 + k * s * 0.2, s * 0.055, s * 0.055), value=255)
    crank = curve(
        points(
            (x - facing * s * 0.2, y + s * 0.1),
            (x - facing * s * 0.1, y + s * 0.34),
            (x - facing * s * 0.36, y + s * 0.36),
        )
    )
    sheet.stroke(crank, s * 0.09, (1, 1), value=255)
    sheet.fill(arc(x - facing * s * 0.38, y + s * 0.36, s * 0.09, s * 0.09), value=255)


def _solid(sheet: Sheet, shape: Points) -> None:
    """Draw a black part with a thin white rim, so that it stands out in a black room."""
    sheet.contour(shape, 6, value=255)
    sheet.fill(shape)


def projector(sheet: Sheet, x: float, y: float, s: float) -> tuple[float, float]:
    """Draw a projector from the side that throws to the right; return where its light leaves."""
    for dx in (-0.62, 0.62):
        _solid(
            sheet,
            points(
                (x + dx * s - 6, y + s * 0.5),
                (x + dx * s + 6, y + s * 0.5),
                (x + dx * s * 1.1 + 8, y + s * 0.82),
                (x + dx * s * 1.1 - 8, y + s * 0.82),
            ),
        )
    for ax, ay, hub in ((-0.75, -0.5, (-0.98, -1.22)), (0.5, -0.5, (0.62, -1.28))):
        for wide, value in ((s * 0.16 + 6, 255), (s * 0.16, 0)):
            ruled(sheet, (x + ax * s, y + ay * s), (x + hub[0] * s, y + hub[1] * s), wide, value)
    reel(sheet, x - 0.98 * s, y - 1.22 * s, s * 0.66, 10)
    reel(sheet, x + 0.62 * s, y - 1.28 * s, s * 0.6, 40)
    for p, q in (((-0.42, -0.92), (-0.1, -0.5)), ((0.2, -0.9), (0.06, -0.5))):
        sheet.stroke(
            curve(
                points(
                    (x + p[0] * s, y + p[1] * s),
                    (x + (p[0] + q[0]) / 2 * s + 4, y + (p[1] + q[1]) / 2 * s),
                    (x + q[0] * s, y + q[1] * s),
                )
            ),
            5,
            (1, 1),
        )
    body = points(
        (x - s, y - s * 0.5),
        (x + s * 0.84, y - s * 0.54),
        (x + s * 0.92, y - s * 0.44),
        (x + s * 0.92, y + s * 0.5),
        (x - s, y + s * 0.55),
        (x - s * 1.08, y + s * 0.4),
        (x - s * 1.08, y - s * 0.4),
    )
    sheet.fill(body, value=255)
    sheet.tone(body, level=lambda px, py: np.clip((py - y + s * 0.7) / (1.7 * s), 0.08, 0.85))
    sheet.contour(body, 4.4)
    for k in range(5):
        vent = x - s * 0.8 + k * s * 0.13
        ruled(sheet, (vent, y - s * 0.3), (vent, y + s * 0.08), s * 0.06)
    tube = points(
        (x + s * 0.9, y - s * 0.26),
        (x + s * 1.36, y - s * 0.3),
        (x + s * 1.36, y + s * 0.2),
        (x + s * 0.9, y + s * 0.16),
    )
    _solid(sheet, tube)
    _solid(
        sheet,
        points(
            (x + s * 1.36, y - s * 0.34),
            (x + s * 1.46, y - s * 0.36),
            (x + s * 1.46, y + s * 0.26),
            (x + s * 1.36, y + s * 0.24),
        ),
    )
    sheet.fill(rect(x + s * 0.96, y - s * 0.2, x + s * 1.3, y - s * 0.15), value=255)
    return x + s * 1.46, y - s * 0.05


def beam(sheet: Sheet, source: tuple[float, float], far: Points, dust: int = 60, spread: float = 0.2) -> None:
    """Draw light in a dark room: a white, fading wedge from the lens with specks of dust in it."""
    sx, sy = source
    wedge = np.vstack([points((sx, sy - 10)), far, points((sx, sy + 10))])
    reach = float(np.abs(far[:, 0] - sx).max())
    sheet.fill(wedge, value=255)
    sheet.tone(wedge, level=lambda px, py: np.clip(0.04 + spread * np.abs(px - sx) / reach + 0 * py, 0, 0.8))
    (x0, y0), (x1, y1) = wedge.min(0), wedge.max(0)
    with sheet.within(wedge):
        for _ in range(dust):
            px, py = sheet.hand.uniform(x0, x1), sheet.hand.uniform(y0, y1)
            r = sheet.hand.uniform(1.2, 4.2)
            sheet.fill(arc(px, py, r, r, 0, 360, 20), value=255)
            sheet.strokes(arc(px, py, r, r, 0, 360, 20), np.full(20, 0.9), 0, 0)
