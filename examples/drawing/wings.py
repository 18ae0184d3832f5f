"""Build the outlines of a spread wing and a tail, feather by feather, in the bird's own units."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from drawing.ink import Points, curve, points


@dataclass(frozen=True)
class Spread:
    """An open wing on the bird's right-hand side of the picture; degrees clockwise from three o'clock."""

    arm: float  # from shoulder to wrist
    outer: float  # where the outermost feather points
    inner: float  # where the feather next to the body points
    length: float = 1.35  # of the outermost feather, in body radii
    feathers: int = 8


WINGS = {
    "up": Spread(-58, -84, 8, 1.25),
    "high": Spread(-72, -104, -18, 1.3),
    "out": Spread(-20, -22, 84, 1.35),
    "down": Spread(18, 52, 118, 1.15),
    "glide": Spread(-34, -30, 66, 1.6, 9),
    "flinch": Spread(-30, -62, 40, 0.75, 6),
    "reach": Spread(-12, -16, 62, 0.7, 6),
}


def _ray(degrees: float, length: float) -> Points:
    return points((np.cos(np.radians(degrees)) * length, np.sin(np.radians(degrees)) * length))[0]


def leaf(root: Points, degrees: float, length: float, width: float, bend: float = 0.0) -> Points:
    """Return one feather from root to tip, rounded at its end."""
    axis, side = _ray(degrees, 1), _ray(degrees + 90, 1)
    knots = [
        (0, 0.3),
        (0.3, 0.8),
        (0.7, 1.0),
        (0.93, 0.62),
        (1, 0.0),
        (0.92, -0.55),
        (0.68, -0.85),
        (0.3, -0.7),
        (0, -0.3),
    ]
    line = [root + axis * (u * length) + side * (v * width / 2 + bend * length * u * u) for u, v in knots]
    return curve(np.array(line), closed=True, step=6)


def wing(shoulder: Points, shape: Spread, mirror: bool) -> tuple[list[Points], list[Points], Points]:
    """Return the long feathers (in drawing order), the short row above them and the arm, all as closed outlines."""
    side = -1.0 if mirror else 1.0

    def seen(p: Points) -> Points:
        return p * [side, 1.0] + shoulder

    wrist = _ray(shape.arm, shape.length * 0.42)
    n = shape.feathers
    long, short = [], []
    for i in range(n):
        u = i / (n - 1)  # 0 beside the body, 1 at the tip of the wing
        turned = shape.inner + (shape.outer - shape.inner) * u**0.85
        size = shape.length * (0.52 + 0.48 * u**0.8) * (0.93 if i == n - 1 else 1.0)
        long.append(seen(leaf(wrist * (0.12 + 0.88 * u), turned, size, shape.length * 0.2, 0.05)))
        if i % 2 == 0 or i == n - 1:
            short.append(seen(leaf(wrist * (0.02 + 0.9 * u), turned - 4, size * 0.5, shape.length * 0.22, 0.04)))
    arm = leaf(_ray(shape.arm + 180, 0.12), shape.arm, shape.length * 0.62, shape.length * 0.3)
    return long, short, seen(arm)


def tail(root: Points, degrees: float, length: float, fan: float = 12) -> list[Points]:
    """Return three feathers, the middle one last and on top."""
    return [leaf(root, degrees + k * fan, length * (0.92 if k else 1), 0.3) for k in (-1, 1, 0)]
