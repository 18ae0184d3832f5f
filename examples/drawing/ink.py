"""Draw brush strokes, black areas and screentone on an enlarged grey sheet, with coordinates in page pixels."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager

import cv2
import numpy as np
from numpy.typing import NDArray

Points = NDArray[np.float64]
Field = Callable[[NDArray[np.float32], NDArray[np.float32]], NDArray[np.float32]]
SHIFT = 4  # cv2 takes coordinates with four fractional bits
SUB = 1 << SHIFT


def points(*pairs: tuple[float, float]) -> Points:
    return np.array(pairs, dtype=np.float64)


def curve(knots: Points | list[tuple[float, float]], closed: bool = False, step: int = 14) -> Points:
    """Return a Catmull-Rom curve through all knots, with `step` samples between two of them."""
    p = np.asarray(knots, dtype=np.float64)
    before, after = (p[-1:], p[:2]) if closed else (2 * p[:1] - p[1:2], 2 * p[-1:] - p[-2:-1])
    ring = np.vstack([before, p, after])
    t = np.linspace(0, 1, step, endpoint=False)[:, None]
    runs = []
    for a, b, c, d in zip(ring[:-3], ring[1:-2], ring[2:-1], ring[3:], strict=True):
        runs.append(0.5 * (2 * b + (c - a) * t + (2 * a - 5 * b + 4 * c - d) * t**2 + (3 * b - a - 3 * c + d) * t**3))
    return np.vstack([*runs, p[:1] if closed else p[-1:]])


def arc(cx: float, cy: float, rx: float, ry: float, start: float = 0, end: float = 360, n: int = 64) -> Points:
    """Return a part of an ellipse; angles are in degrees clockwise from three o'clock."""
    a = np.radians(np.linspace(start, end, n))
    return np.stack([cx + rx * np.cos(a), cy + ry * np.sin(a)], axis=1)


def rect(x0: float, y0: float, x1: float, y1: float) -> Points:
    return points((x0, y0), (x1, y0), (x1, y1), (x0, y1))


def turn(p: Points, degrees: float, about: tuple[float, float] = (0, 0)) -> Points:
    a = np.radians(degrees)
    m = np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]])
    return (np.asarray(p) - about) @ m + about


def along(p: Points, spacing: float) -> Points:
    """Resample a line at an even distance."""
    steps = np.hypot(*np.diff(p, axis=0).T)
    s = np.concatenate([[0], np.cumsum(steps)])
    n = max(2, int(s[-1] / spacing) + 1)
    at = np.linspace(0, s[-1], n)
    return np.stack([np.interp(at, s, p[:, 0]), np.interp(at, s, p[:, 1])], axis=1)


class Sheet:
    """A white page, `scale` times larger than its printed size. All coordinates are in page pixels.

    Drawing outside the innermost `within` polygon leaves no mark. The seed fixes the shaking of the lines.
    """

    def __init__(self, width: int, height: int, seed: int, scale: int = 3, paper: int = 255) -> None:
        self.width, self.height, self.scale = width, height, scale
        self.px = np.full((height * scale, width * scale), paper, np.uint8)
        self.hand = np.random.default_rng(seed)
        self._clips: list[tuple[int, int, NDArray[np.uint8]]] = []

    def _window(self, low: NDArray[np.float64], high: NDArray[np.float64]) -> tuple[int, int, int, int] | None:
        x0, y0 = np.maximum(np.floor(low * self.scale).astype(int) - 2, 0)
        x1, y1 = np.minimum(np.ceil(high * self.scale).astype(int) + 3, [self.px.shape[1], self.px.shape[0]])
        if self._clips:
            cx, cy, mask = self._clips[-1]
            x0, y0 = max(x0, cx), max(y0, cy)
            x1, y1 = min(x1, cx + mask.shape[1]), min(y1, cy + mask.shape[0])
        return (int(x0), int(y0), int(x1), int(y1)) if x1 > x0 and y1 > y0 else None

    def _clip(self, window: tuple[int, int, int, int], mask: NDArray[np.uint8]) -> NDArray[np.bool_]:
        inside = mask > 0
        if self._clips:
            cx, cy, clip = self._clips[-1]
            x0, y0, x1, y1 = window
            inside &= clip[y0 - cy : y1 - cy, x0 - cx : x1 - cx] > 0
        return inside

    def _at(self, p: Points, window: tuple[int, int, int, int]) -> NDArray[np.int32]:
        return np.round((np.asarray(p) * self.scale - window[:2]) * SUB).astype(np.int32)

    def _shape(self, shapes: list[Points]) -> tuple[tuple[int, int, int, int], NDArray[np.uint8]] | None:
        every = np.vstack(shapes)
        window = self._window(every.min(0), every.max(0))
        if window is None:
            return None
        mask = np.zeros((window[3] - window[1], window[2] - window[0]), np.uint8)
        for shape in shapes:
            cv2.fillPoly(mask, [self._at(shape, window)], 255, cv2.LINE_8, SHIFT)
        return window, mask

    @contextmanager
    def within(self, *shapes: Points) -> Iterator[None]:
        """Draw only inside these shapes (and inside those already in force)."""
        made = self._shape(list(shapes))
        if made is None:
            made = ((0, 0, 1, 1), np.zeros((1, 1), np.uint8))
        window, mask = made
        inside = self._clip(window, mask) if window[2] > 1 else mask > 0
        self._clips.append((window[0], window[1], inside.astype(np.uint8)))
        try:
            yield
        finally:
            self._clips.pop()

    def _put(self, window: tuple[int, int, int, int], inside: NDArray[np.bool_], value: int) -> None:
        self.px[window[1] : window[3], window[0] : window[2]][inside] = value

    def fill(self, *shapes: Points, value: int = 0) -> None:
        made = self._shape([np.asarray(s) for s in shapes])
        if made is not None:
            self._put(made[0], self._clip(*made), value)

    def tone(
        self, *shapes: Points, level: float | Field, pitch: float = 4.8, angle: float = 45, value: int = 0
    ) -> None:
        """Draw screentone: dots that cover the share `level` (0..1) of the area, or lines for a negative pitch."""
        made = self._shape([np.asarray(s) for s in shapes])
        if made is None:
            return
        window, mask = made
        x0, y0, x1, y1 = window
        x = (np.arange(x0, x1, dtype=np.float32) / self.scale)[None, :]
        y = (np.arange(y0, y1, dtype=np.float32) / self.scale)[:, None]
        wanted = level(x, y) if callable(level) else np.float32(level)
        a, step = np.radians(angle), abs(pitch)
        v = np.mod(y * np.float32(np.cos(a)) - x * np.float32(np.sin(a)), step) / step - 0.5
        if pitch < 0:
            ink = np.abs(v) * 2 < wanted
        else:
            u = np.mod(x * np.float32(np.cos(a)) + y * np.float32(np.sin(a)), step) / step - 0.5
            dark = u * u + v * v < np.clip(wanted, 0, 0.5) / np.pi
            bright = (np.abs(u) - 0.5) ** 2 + (np.abs(v) - 0.5) ** 2 >= np.clip(1 - wanted, 0, 0.5) / np.pi
            ink = np.where(wanted <= 0.5, dark, bright)
        self._put(window, self._clip(window, mask) & ink, value)

    def stroke(
        self, line: Points, width: float, taper: tuple[float, float] = (0.25, 0.1), value: int = 0, shake: float = 0.35
    ) -> None:
        """Draw a brush stroke, `width` wide in the middle and thinning to the shares in `taper` at its two ends."""
        p = along(np.asarray(line, dtype=np.float64), 1.0)
        t = np.linspace(0, 1, len(p))
        press = np.minimum(
            1, np.minimum(taper[0] + (1 - taper[0]) * t / 0.22, taper[1] + (1 - taper[1]) * (1 - t) / 0.3)
        )
        self.strokes(p, width * press * (1 + 0.13 * self._drift(len(p))), value, shake)

    def contour(self, line: Points, width: float, value: int = 0, light: float = -60) -> None:
        """Draw a closed outline that is thicker on the side away from the light.

        The direction of the light is in degrees clockwise from three o'clock.
        """
        p = along(np.vstack([line, line[:1]]), 1.0)
        d = np.gradient(p, axis=0)
        facing = np.stack([d[:, 1], -d[:, 0]], axis=1) / np.maximum(np.hypot(*d.T), 1e-6)[:, None]
        if np.sum(p[:-1, 0] * p[1:, 1] - p[1:, 0] * p[:-1, 1]) < 0:
            facing = -facing
        a = np.radians(light)
        shade = -(facing @ np.array([np.cos(a), np.sin(a)]))
        self.strokes(p, width * (0.85 + 0.45 * shade), value, 0.3)

    def strokes(self, p: Points, widths: NDArray[np.float64], value: int, shake: float) -> None:
        wobble = np.stack([self._drift(len(p)), self._drift(len(p))], axis=1) * shake
        p = p + wobble
        w = np.maximum(widths, 0.4) / 2
        most = float(w.max()) + 1
        window = self._window(p.min(0) - most, p.max(0) + most)
        if window is None:
            return
        mask = np.zeros((window[3] - window[1], window[2] - window[0]), np.uint8)
        at = self._at(p, window)
        radius = np.round(w * self.scale * SUB).astype(int)
        d = np.gradient(p, axis=0)
        side = np.stack([-d[:, 1], d[:, 0]], axis=1) / np.maximum(np.hypot(*d.T), 1e-6)[:, None] * w[:, None]
        left, right = self._at(p + side, window), self._at(p - side, window)
        for i in range(len(p)):
            cv2.circle(mask, (int(at[i, 0]), int(at[i, 1])), int(radius[i]), 255, -1, cv2.LINE_8, SHIFT)
            if i:
                quad = np.array([left[i - 1], left[i], right[i], right[i - 1]], np.int32)
                cv2.fillConvexPoly(mask, quad, 255, cv2.LINE_8, SHIFT)
        self._put(window, self._clip(window, mask), value)

    def _drift(self, n: int) -> NDArray[np.float64]:
        """Return slow noise of about -1..1, with one knot every 28 samples."""
        knots = self.hand.uniform(-1, 1, n // 28 + 3)
        return np.interp(np.arange(n) / 28, np.arange(len(knots)), knots)

    def stamp(self, ink: NDArray[np.uint8], x: float, y: float, value: int = 0) -> None:
        """Apply a grey mask at sheet scale (255 = ink) with its corner at x, y."""
        h, w = ink.shape
        low = np.array([x, y])
        window = self._window(low, low + np.array([w, h]) / self.scale)
        if window is None:
            return
        left, top = round(x * self.scale), round(y * self.scale)
        mask = np.zeros((window[3] - window[1], window[2] - window[0]), np.uint8)
        x0, y0, x1, y1 = max(left, window[0]), max(top, window[1]), min(left + w, window[2]), min(top + h, window[3])
        if x1 > x0 and y1 > y0:
            part = ink[y0 - top : y1 - top, x0 - left : x1 - left]
            mask[y0 - window[1] : y1 - window[1], x0 - window[0] : x1 - window[0]] = np.where(part > 127, 255, 0)
            self._put(window, self._clip(window, mask), value)

    def hatch(self, shape: Points, angle: float, gap: float, width: float, value: int = 0, ragged: float = 0.0) -> None:
        """Draw parallel strokes through a shape; `ragged` (0..1) lets their ends stop short at random."""
        centre = shape.mean(0)
        flat = turn(shape, -angle, tuple(centre))
        (x0, y0), (x1, y1) = flat.min(0), flat.max(0)
        with self.within(shape):
            for y in np.arange(y0 + gap / 2, y1, gap):
                cut = ragged * (x1 - x0) * self.hand.uniform(0, 0.5, 2)
                line = points((x0 + cut[0], y), ((x0 + x1) / 2, y + self.hand.uniform(-0.6, 0.6)), (x1 - cut[1], y))
                self.stroke(turn(curve(line), angle, tuple(centre)), width, (0.5, 0.2), value)

    def printed(self) -> NDArray[np.uint8]:
        """Return the page at its printed size, in sixteen greys (small files, no visible loss)."""
        small = cv2.resize(self.px, (self.width, self.height), interpolation=cv2.INTER_AREA)
        return (np.round(small / 17.0) * 17).astype(np.uint8)
