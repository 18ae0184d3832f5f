"""Lay out one page: panels and lettering in reading order, the printed image and its ground truth."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import numpy as np
from numpy.typing import NDArray

from drawing.ink import Points, Sheet, points, rect
from drawing.kana import write
from drawing.lettering import Rect, balloon, caption

WIDTH, HEIGHT = 1200, 1700
FRAME = 4.6  # width of a frame line


def box_of(shape: Points) -> list[int]:
    """Return the bounding box of an outline, clipped to the page."""
    x0, y0 = np.maximum(np.round(shape.min(0)), 0)
    x1, y1 = np.minimum(np.round(shape.max(0)), [WIDTH, HEIGHT])
    return [int(x0), int(y0), int(x1), int(y1)]


class Page:
    """One page of the chapter. Panels and lettering are numbered in the order in which they are added."""

    def __init__(self, index: int, paper: int = 255) -> None:
        self.index = index
        self.sheet = Sheet(WIDTH, HEIGHT, seed=2026 + index, paper=paper)
        self.panels: list[dict[str, object]] = []
        self.texts: list[dict[str, object]] = []
        self._frames: list[tuple[Points, int]] = []

    @contextmanager
    def panel(self, *corners: tuple[float, float], frame: int | None = 0, paper: int = 255) -> Iterator[str]:
        """Draw inside these corners, with the frame line on top at the end. Yields the panel's id."""
        shape = points(*corners) if len(corners) > 2 else rect(*corners[0], *corners[1])
        name = f"p{self.index}-{len(self.panels) + 1}"
        seen = np.clip(shape, 0, [WIDTH, HEIGHT])
        self.panels.append(
            {
                "id": name,
                "order": len(self.panels),
                "box": box_of(shape),
                "polygon": [[round(x), round(y)] for x, y in seen],
            }
        )
        self.sheet.fill(shape, value=paper)
        with self.sheet.within(shape):
            yield name
        if frame is not None:
            self.rule(shape, FRAME, frame)

    def rule(self, shape: Points, width: float, value: int = 0) -> None:
        """Draw straight mitred lines around a shape."""
        for a, b in zip(shape, np.roll(shape, -1, axis=0), strict=True):
            way = (b - a) / max(1e-6, float(np.hypot(*(b - a))))
            side = np.array([-way[1], way[0]]) * width / 2
            end = way * width / 2
            self.sheet.fill(np.array([a - end + side, b + end + side, b + end - side, a - end - side]), value=value)

    def speech(
        self,
        panel: str | None,
        lines: list[str],
        at: tuple[float, float],
        tip: tuple[float, float] | None,
        speaker: str | None = "robin",
        size: float = 36,
        kind: str = "speech",
    ) -> Rect:
        """Draw a balloon with text in capitals, as comics are lettered; return the box of its white shape."""
        loud = [one.upper() for one in lines]
        words, shape = balloon(self.sheet, loud, *at, tip, size, kind)
        self.say(panel, "speech", " ".join(loud), words, speaker=speaker)
        return shape

    def note(
        self,
        panel: str | None,
        lines: list[str],
        x: float,
        y: float,
        size: float = 30,
        dark: bool = False,
        bare: bool = False,
    ) -> None:
        """Draw a caption with its corner at x, y."""
        self.say(panel, "caption", " ".join(lines), caption(self.sheet, lines, x, y, size, dark, bare))

    def sound(self, panel: str | None, signs: str, x: float, y: float, size: float, **how: object) -> None:
        """Draw a sound effect with the brush."""
        box = write(self.sheet, signs, x, y, size, **how)  # type: ignore[arg-type]
        self.say(panel, "sound", signs, box, language="ja")
        self.texts[-1]["vertical"] = bool(how.get("down"))

    def say(
        self, panel: str | None, kind: str, text: str, box: Rect, language: str = "en", speaker: str | None = None
    ) -> None:
        """Record a piece of lettering in the ground truth; its box is that of the ink with a small margin."""
        air = np.array([10, 12])
        seen = np.array([np.array(box[:2]) - air, np.array(box[2:]) + air])
        self.texts.append(
            {
                "id": f"t{self.index}-{len(self.texts) + 1}",
                "order": len(self.texts),
                "box": box_of(seen),
                "panel": panel,
                "kind": kind,
                "text": text,
                "language": language,
                "vertical": False,
                "confidence": 1.0,
                "speaker": speaker,
            }
        )

    def truth(self, image: str) -> dict[str, object]:
        """Return this page in the form of a transcript."""
        return {
            "index": self.index,
            "image": image,
            "width": WIDTH,
            "height": HEIGHT,
            "panels": self.panels,
            "texts": self.texts,
            "characters": [],
        }

    def printed(self) -> NDArray[np.uint8]:
        return self.sheet.printed()
