"""Draw sound effects and the title with the brush. Each sign is a few strokes in a unit square."""

from __future__ import annotations

import numpy as np

from drawing.ink import Points, Sheet, arc, curve, turn

Stroke = list[tuple[float, float]]
DOTS: list[Stroke] = [[(0.84, 0.02), (0.92, 0.16)], [(1.0, -0.04), (1.08, 0.1)]]
SIGNS: dict[str, list[Stroke]] = {
    "コ": [[(0.12, 0.2), (0.84, 0.17)], [(0.84, 0.17), (0.82, 0.84)], [(0.08, 0.82), (0.9, 0.8)]],
    "マ": [
        [(0.06, 0.2), (0.9, 0.16)],
        [(0.9, 0.16), (0.74, 0.42), (0.44, 0.64)],
        [(0.3, 0.5), (0.5, 0.68), (0.64, 0.94)],
    ],
    "ト": [[(0.36, 0.04), (0.37, 0.96)], [(0.4, 0.36), (0.62, 0.46), (0.82, 0.62)]],
    "リ": [[(0.24, 0.1), (0.25, 0.58)], [(0.74, 0.06), (0.74, 0.5), (0.62, 0.78), (0.38, 0.98)]],
    "カ": [
        [(0.06, 0.32), (0.88, 0.28)],
        [(0.88, 0.28), (0.86, 0.62), (0.76, 0.92), (0.6, 0.86)],
        [(0.44, 0.04), (0.42, 0.4), (0.3, 0.7), (0.06, 0.95)],
    ],
    "シ": [
        [(0.16, 0.12), (0.32, 0.24)],
        [(0.06, 0.38), (0.22, 0.5)],
        [(0.1, 0.92), (0.48, 0.76), (0.76, 0.5), (0.9, 0.22)],
    ],
    "ヤ": [
        [(0.06, 0.4), (0.86, 0.24)],
        [(0.86, 0.24), (0.8, 0.4), (0.64, 0.56)],
        [(0.32, 0.08), (0.42, 0.5), (0.52, 0.96)],
    ],
    "ヒ": [[(0.8, 0.18), (0.58, 0.34), (0.26, 0.44)], [(0.22, 0.06), (0.22, 0.74), (0.34, 0.88), (0.84, 0.86)]],
    "ヨ": [
        [(0.16, 0.14), (0.82, 0.12)],
        [(0.82, 0.12), (0.81, 0.92)],
        [(0.2, 0.5), (0.8, 0.48)],
        [(0.14, 0.88), (0.84, 0.87)],
    ],
    "ン": [[(0.12, 0.16), (0.34, 0.34)], [(0.1, 0.9), (0.46, 0.78), (0.74, 0.56), (0.9, 0.24)]],
    "チ": [
        [(0.74, 0.06), (0.5, 0.18), (0.2, 0.24)],
        [(0.06, 0.46), (0.94, 0.42)],
        [(0.52, 0.2), (0.5, 0.6), (0.26, 0.96)],
    ],
    "ハ": [[(0.36, 0.2), (0.28, 0.56), (0.06, 0.88)], [(0.6, 0.16), (0.74, 0.5), (0.94, 0.86)]],
    "サ": [
        [(0.06, 0.34), (0.94, 0.31)],
        [(0.3, 0.1), (0.31, 0.6)],
        [(0.68, 0.06), (0.68, 0.5), (0.58, 0.78), (0.36, 0.98)],
    ],
    "ツ": [
        [(0.14, 0.3), (0.24, 0.5)],
        [(0.42, 0.22), (0.52, 0.42)],
        [(0.86, 0.2), (0.76, 0.56), (0.56, 0.8), (0.34, 0.94)],
    ],
    "タ": [
        [(0.4, 0.04), (0.28, 0.34), (0.06, 0.58)],
        [(0.36, 0.24), (0.86, 0.22)],
        [(0.86, 0.22), (0.74, 0.56), (0.5, 0.84), (0.2, 0.98)],
        [(0.34, 0.46), (0.52, 0.56), (0.66, 0.7)],
    ],
    "フ": [[(0.1, 0.2), (0.88, 0.17)], [(0.88, 0.17), (0.8, 0.54), (0.58, 0.8), (0.24, 0.97)]],
    "ル": [
        [(0.3, 0.14), (0.3, 0.5), (0.22, 0.74), (0.04, 0.94)],
        [(0.6, 0.08), (0.6, 0.86), (0.76, 0.82), (0.98, 0.56)],
    ],
    "ー": [[(0.1, 0.5), (0.5, 0.47), (0.92, 0.52)]],
    "K": [
        [(0.2, 0.04), (0.2, 0.97)],
        [(0.84, 0.06), (0.5, 0.36), (0.24, 0.56)],
        [(0.36, 0.5), (0.62, 0.72), (0.9, 0.97)],
    ],
    "O": [
        [
            (0.5, 0.05),
            (0.2, 0.16),
            (0.08, 0.5),
            (0.2, 0.86),
            (0.5, 0.96),
            (0.8, 0.86),
            (0.92, 0.5),
            (0.8, 0.15),
            (0.46, 0.06),
        ]
    ],
    "M": [
        [(0.14, 0.97), (0.18, 0.05)],
        [(0.18, 0.05), (0.5, 0.66)],
        [(0.5, 0.66), (0.84, 0.05)],
        [(0.84, 0.05), (0.9, 0.97)],
    ],
    "A": [
        [(0.5, 0.03), (0.3, 0.52), (0.06, 0.97)],
        [(0.5, 0.03), (0.7, 0.5), (0.94, 0.97)],
        [(0.22, 0.66), (0.8, 0.64)],
    ],
    "D": [[(0.18, 0.04), (0.18, 0.96)], [(0.12, 0.05), (0.62, 0.12), (0.9, 0.48), (0.64, 0.86), (0.12, 0.95)]],
    "R": [
        [(0.2, 0.04), (0.2, 0.97)],
        [(0.14, 0.06), (0.62, 0.06), (0.82, 0.26), (0.6, 0.48), (0.22, 0.52)],
        [(0.44, 0.52), (0.64, 0.72), (0.9, 0.97)],
    ],
    "I": [[(0.5, 0.04), (0.5, 0.97)]],
    "!": [[(0.56, 0.0), (0.5, 0.36), (0.46, 0.7)], [(0.42, 0.92), (0.42, 0.97)]],
}
SMALL = {"ャ": "ヤ", "ョ": "ヨ", "ッ": "ツ"}
VOICED = {"ド": "ト", "バ": "ハ", "ジ": "シ"}
RINGED = {"ピ": "ヒ", "プ": "フ", "パ": "ハ"}
NARROW = {"I": 0.42, "!": 0.55}


def strokes_of(sign: str) -> list[Points]:
    """Return the brush lines of one sign in its unit square."""
    base = VOICED.get(sign) or RINGED.get(sign) or SMALL.get(sign) or sign
    lines = [np.array(s, dtype=float) for s in SIGNS[base]]
    if sign in SMALL:
        lines = [p * 0.7 + [0.1, 0.28] for p in lines]
    if sign in VOICED:
        lines += [np.array(s, dtype=float) for s in DOTS]
    if sign in RINGED:
        lines.append(arc(0.96, 0.08, 0.1, 0.1, -80, 285, 18))
    return lines


def write(
    sheet: Sheet,
    signs: str,
    x: float,
    y: float,
    size: float,
    angle: float = 0,
    grow: float = 1.0,
    weight: float = 0.15,
    ink: int = 0,
    rim: int | None = 255,
    down: bool = False,
    lean: float = 7,
) -> tuple[float, float, float, float]:
    """Write signs from x, y (top left of the first) and return the box of the ink.

    Each following sign is `grow` times larger.
    """
    put: list[tuple[Points, float]] = []
    px, py, s = 0.0, 0.0, size
    for n, sign in enumerate(signs):
        sway = turn_of(n) * lean
        px -= s * (1 - NARROW.get(sign, 1)) / 2
        for line in strokes_of(sign):
            unit = turn(line, sway, (0.5, 0.5)) * s + np.array([px, py])
            put.append((turn(unit, angle) + np.array([x, y]), s))
        step = s * (0.5 + NARROW.get(sign, 1) / 2 if sign in NARROW else 0.8 if sign in SMALL else 1.02)
        px, py = (px, py + s * 0.98) if down else (px + step, py - (grow - 1) * s * 0.5)
        s *= grow
    for edge in (True, False):
        if edge and rim is None:
            continue
        for line, at in put:
            smooth = curve(line) if len(line) < 18 else line
            wide = at * weight * (1.0 if len(line) < 18 else 0.5) + (at * 0.085 + 4 if edge else 0)
            sweep = 0.3 if len(line) > 2 else 0.8  # a bent stroke ends in a flick, a straight one in a stop
            sheet.stroke(smooth, wide, (1.0, sweep), value=rim if edge and rim is not None else ink, shake=0.6)
    every = np.vstack([line for line, _ in put])
    pad = size * weight / 2
    low, high = every.min(0) - pad, every.max(0) + pad
    return float(low[0]), float(low[1]), float(high[0]), float(high[1])


def turn_of(n: int) -> float:
    """Return the slight rotation of one sign against the next."""
    return (-1.0, 0.8, -0.4, 1.0, -0.7)[n % 5]
