"""Draw the animator's room: table, lamp, window, rain, roofs and small things."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from drawing.ink import Field, Points, Sheet, along, arc, curve, points, rect

F32 = NDArray[np.float32]


def line(sheet: Sheet, a: tuple[float, float], b: tuple[float, float], width: float, value: int = 0) -> None:
    """Draw a ruled line of even width."""
    p = along(points(a, b), 4)
    sheet.strokes(p, np.full(len(p), width), value, 0)


def glow(cx: float, cy: float, inner: float, outer: float, dark: float = 0.7) -> Field:
    """Return a tone that is 0 near a light and `dark` away from it."""

    def level(x: F32, y: F32) -> F32:
        d = (np.hypot(x - cx, y - cy) - inner) / (outer - inner)
        return (np.clip(d, 0, 1) * dark).astype(np.float32)

    return level


def fade(y0: float, y1: float, a: float, b: float) -> Field:
    """Return a tone that runs from a at height y0 to b at y1."""

    def level(x: F32, y: F32) -> F32:
        return (a + (b - a) * np.clip((y - y0) / (y1 - y0), 0, 1) + 0 * x).astype(np.float32)

    return level


def rain(
    sheet: Sheet,
    area: tuple[float, float, float, float],
    count: int,
    length: float,
    value: int,
    slant: float = 0.16,
    width: float = 2.0,
) -> None:
    x0, y0, x1, y1 = area
    for _ in range(count):
        x, y = sheet.hand.uniform(x0, x1), sheet.hand.uniform(y0 - length, y1)
        run = length * sheet.hand.uniform(0.5, 1.2)
        sheet.stroke(
            points((x, y), (x - slant * run, y + run)), width * sheet.hand.uniform(0.6, 1.3), (0.2, 0.7), value, 0.2
        )


def roofs(sheet: Sheet, y: float, width: float, lit: tuple[float, float] | None = None) -> list[tuple[float, float]]:
    """Draw a row of black roofs along the bottom of a night, with a lit window at `lit`.

    Returns where the ridges are.
    """
    x = -40.0
    k = 0
    ridges = []
    while x < width + 40:
        w = sheet.hand.uniform(120, 210)
        h = sheet.hand.uniform(20, 120)
        top = y - h
        peak = sheet.hand.uniform(0.35, 0.65)
        sheet.fill(
            points((x, y + 400), (x, top), (x + w * peak, top - w * 0.3), (x + w + 4, top), (x + w + 4, y + 400))
        )
        line(sheet, (x - 8, top + 4), (x + w * peak, top - w * 0.3), 2.2, 255)
        line(sheet, (x + w * peak, top - w * 0.3), (x + w + 10, top + 4), 2.2, 255)
        if k % 2 == 0:
            sheet.fill(rect(x + w * 0.18, top - w * 0.3, x + w * 0.18 + 22, top))
        ridges.append((x + w * peak, top - w * 0.3))
        x += w
        k += 1
    if lit is not None:
        lx, ly = lit
        pane = rect(lx, ly, lx + 54, ly + 66)
        sheet.fill(pane, value=255)
        line(sheet, (lx + 27, ly), (lx + 27, ly + 66), 4)
        line(sheet, (lx, ly + 30), (lx + 54, ly + 30), 4)
    return ridges


def moon(sheet: Sheet, x: float, y: float, r: float) -> None:
    sheet.fill(arc(x, y, r, r, 0, 360, 120), value=255)
    for dx, dy, s in ((-0.3, -0.2, 0.2), (0.25, 0.3, 0.26), (0.35, -0.35, 0.13), (-0.2, 0.45, 0.12)):
        sheet.tone(arc(x + dx * r, y + dy * r, s * r, s * r), level=0.14)


def cloud(sheet: Sheet, x: float, y: float, s: float, level: float | Field, value: int = 255, ink: int = 0) -> None:
    lobes = [(-1.6, 0.1, 0.5), (-0.9, -0.25, 0.7), (0, -0.5, 0.9), (0.9, -0.2, 0.7), (1.6, 0.1, 0.5), (0, 0.2, 1.2)]
    shapes = [arc(x + dx * s, y + dy * s * 0.6, r * s, r * s * 0.55, 0, 360, 60) for dx, dy, r in lobes]
    for shape in shapes:
        sheet.fill(shape, value=value)
    for shape in shapes:
        sheet.tone(shape, level=level, value=ink)


def window(sheet: Sheet, x0: float, y0: float, x1: float, y1: float, open_by: float = 0.0) -> tuple[Points, float]:
    """Draw a sash window from inside, full of night, with a sill below.

    Returns the opening and the height of the sill.
    """
    frame = rect(x0 - 26, y0 - 26, x1 + 26, y1 + 10)
    sheet.fill(frame, value=255)
    sheet.contour(frame, 3.6)
    night = rect(x0, y0, x1, y1)
    sheet.fill(night, value=0)
    sheet.tone(night, level=fade(y0, y1, 0.0, 0.34), value=255)
    with sheet.within(night):
        rain(sheet, (x0, y0, x1 + 40, y1), int((x1 - x0) * (y1 - y0) / 2600), 70, 255)
        mid = y0 + (y1 - y0) * (0.5 - 0.4 * open_by)
        cx = (x0 + x1) / 2
        for part in (rect(cx - 7, y0, cx + 7, mid), rect(x0, mid - 9, x1, mid + 9)):
            sheet.fill(part, value=255)
            sheet.contour(part, 2.4)
        for dx in (0.12, 0.2):
            line(sheet, (x0 + (x1 - x0) * dx, y0 + 60), (x0 + (x1 - x0) * dx + 40, y0 + 14), 3, 255)
    sheet.contour(night, 3)
    sill = points((x0 - 48, y1 + 10), (x1 + 48, y1 + 10), (x1 + 58, y1 + 40), (x0 - 58, y1 + 40))
    sheet.fill(sill, value=255)
    sheet.contour(sill, 4)
    return night, y1 + 12


def curtain(sheet: Sheet, x0: float, x1: float, y0: float, y1: float, sway: float = 0.0) -> None:
    """Draw one curtain that hangs from y0, drawn aside towards x0; `sway` blows its hem."""
    edge = curve(
        points(
            (x1, y0),
            (x1 - (x1 - x0) * 0.12, y0 + (y1 - y0) * 0.3),
            (x0 + (x1 - x0) * 0.5, y0 + (y1 - y0) * 0.62),
            (x1 - (x1 - x0) * 0.2 + sway, y1),
        )
    )
    shape = np.vstack([points((x0, y0)), edge, points((x0, y1))])
    sheet.fill(shape, value=255)
    sheet.tone(shape, level=0.16)
    sheet.stroke(edge, 4.2, (1, 0.5))
    for k in (0.25, 0.5, 0.75):
        fold = edge.copy()
        fold[:, 0] = x0 + (edge[:, 0] - x0) * k
        sheet.stroke(fold, 2.4, (0.8, 0.1))


def desk(sheet: Sheet, y: float, x0: float, x1: float, y1: float, light: Field | None = None) -> None:
    """Draw a table top with its grain, from its far edge at y down to y1."""
    top = rect(x0, y, x1, y1)
    sheet.fill(top, value=255)
    if light is not None:
        sheet.tone(top, level=light)
    x = np.linspace(x0, x1, 40)
    edge = np.stack([x, y + 4 * np.sin(x / 173 + y) + 2 * np.sin(x / 61)], axis=1)
    for start, end in ((0, 17), (18, 31), (32, 40)):  # the pen is lifted twice
        sheet.stroke(edge[start:end], 4.2, (0.7, 0.4))
    for k in range(7):
        gy = y + (y1 - y) * (0.08 + 0.14 * k) + sheet.hand.uniform(-4, 4)
        start = sheet.hand.uniform(x0, x0 + (x1 - x0) * 0.5)
        run = sheet.hand.uniform(0.25, 0.5) * (x1 - x0)
        grain = points(
            (start, gy),
            (start + run * 0.4, gy + sheet.hand.uniform(-4, 4)),
            (start + run, gy + sheet.hand.uniform(-3, 3)),
        )
        sheet.stroke(curve(grain), 1.8, (0.1, 0.1))


def lamp(sheet: Sheet, x: float, y: float, s: float, side: int = 1) -> tuple[float, float]:
    """Draw an arm lamp standing at x, y and return the centre of its light."""
    base = np.vstack(
        [arc(x, y, s * 0.34, s * 0.12, 180, 360), points((x + s * 0.34, y + s * 0.05), (x - s * 0.34, y + s * 0.05))]
    )
    sheet.fill(base)
    elbow, head = (x - side * s * 0.34, y - s * 0.82), (x + side * s * 0.42, y - s * 1.42)
    for dx in (-0.03, 0.03):
        line(sheet, (x + dx * s, y - s * 0.08), (elbow[0] + dx * s, elbow[1]), s * 0.03)
        line(sheet, (elbow[0], elbow[1] + dx * s), (head[0], head[1] + dx * s), s * 0.03)
    sheet.fill(arc(*elbow, s * 0.06, s * 0.06))
    tilt = side * 0.18
    shade = points(
        (head[0] - s * 0.1, head[1] - s * 0.12),
        (head[0] + s * 0.1, head[1] - s * 0.14),
        (head[0] + s * (0.4 + tilt), head[1] + s * 0.26),
        (head[0] - s * (0.4 - tilt), head[1] + s * 0.34),
    )
    sheet.fill(shade)
    sheet.stroke(
        points((head[0] - s * 0.06, head[1] + s * 0.02), (head[0] - s * 0.2, head[1] + s * 0.24)),
        s * 0.045,
        (0.4, 0.4),
        value=255,
    )
    light = (head[0] + s * tilt, head[1] + s * 0.31)
    bulb = arc(light[0], light[1], s * 0.16, s * 0.12, 0, 180)
    sheet.fill(bulb, value=255)
    sheet.stroke(bulb, 3, (0.7, 0.7))
    return light


def bottle(sheet: Sheet, x: float, y: float, s: float) -> None:
    """Draw an ink bottle standing at x, y."""
    body = curve(
        points(
            (x - s * 0.5, y),
            (x - s * 0.56, y - s * 0.45),
            (x - s * 0.25, y - s * 0.7),
            (x + s * 0.25, y - s * 0.7),
            (x + s * 0.56, y - s * 0.45),
            (x + s * 0.5, y),
        ),
        step=8,
    )
    sheet.fill(body)
    sheet.fill(rect(x - s * 0.28, y - s * 0.96, x + s * 0.28, y - s * 0.7), value=0)
    line(sheet, (x - s * 0.26, y - s * 0.75), (x + s * 0.26, y - s * 0.75), s * 0.035, 255)
    label = rect(x - s * 0.3, y - s * 0.44, x + s * 0.3, y - s * 0.14)
    sheet.fill(label, value=255)
    line(sheet, (x - s * 0.2, y - s * 0.29), (x + s * 0.2, y - s * 0.29), s * 0.05)
    sheet.stroke(
        curve(points((x - s * 0.44, y - s * 0.1), (x - s * 0.46, y - s * 0.4), (x - s * 0.3, y - s * 0.58))),
        s * 0.06,
        (0.3, 0.2),
        value=255,
    )


def pot(sheet: Sheet, x: float, y: float, s: float) -> None:
    """Draw a pot of brushes and pencils standing at x, y."""
    for dx, lean, high in ((-0.22, -0.25, 1.75), (-0.05, -0.05, 2.1), (0.1, 0.14, 1.85), (0.24, 0.34, 1.6)):
        a, b = (x + dx * s, y - s * 0.8), (x + dx * s + lean * s, y - s * high)
        line(sheet, a, b, s * 0.1)
        line(sheet, a, b, s * 0.04, 255)
        tip = curve(points((b[0] - s * 0.07, b[1]), (b[0] + lean * s * 0.2, b[1] - s * 0.26), (b[0] + s * 0.07, b[1])))
        sheet.fill(tip)
    body = points((x - s * 0.42, y - s * 0.95), (x + s * 0.42, y - s * 0.95), (x + s * 0.36, y), (x - s * 0.36, y))
    sheet.fill(body, value=255)
    sheet.tone(body, level=lambda px, py: np.clip((px - x + s * 0.3) / s, 0, 0.6) + 0 * py)
    sheet.contour(body, 3.4)


def papers(sheet: Sheet, x: float, y: float, w: float, sheets: int = 5) -> None:
    """Draw a pile of paper in perspective, its near left corner at x, y."""
    for k in range(sheets):
        dx, dy = sheet.hand.uniform(-9, 9), -k * 5
        leaf = points(
            (x + dx, y + dy),
            (x + w + dx, y + dy + 6),
            (x + w * 1.12 + dx, y - w * 0.3 + dy),
            (x + w * 0.16 + dx, y - w * 0.33 + dy),
        )
        sheet.fill(leaf, value=255)
        sheet.contour(leaf, 2.4)


def mug(sheet: Sheet, x: float, y: float, s: float) -> None:
    """Draw a steaming mug standing at x, y."""
    handle = arc(x + s * 0.46, y - s * 0.45, s * 0.24, s * 0.26, -90, 90)
    sheet.stroke(handle, s * 0.13, (1, 1))
    body = points((x - s * 0.45, y - s * 0.9), (x + s * 0.45, y - s * 0.9), (x + s * 0.4, y), (x - s * 0.4, y))
    sheet.fill(body, value=255)
    sheet.contour(body, 4)
    sheet.tone(body, level=lambda px, py: np.clip((px - x) / s, 0, 0.5) + 0 * py)
    rim = arc(x, y - s * 0.9, s * 0.45, s * 0.11)
    sheet.fill(rim, value=255)
    sheet.contour(rim, 3)
    sheet.fill(arc(x, y - s * 0.88, s * 0.36, s * 0.07))
    for dx in (-0.14, 0.12):
        steam = curve(
            points(
                (x + dx * s, y - s * 1.05),
                (x + dx * s + s * 0.1, y - s * 1.3),
                (x + dx * s - s * 0.06, y - s * 1.55),
                (x + dx * s + s * 0.06, y - s * 1.85),
            )
        )
        sheet.stroke(steam, 3, (0.1, 0.1))
