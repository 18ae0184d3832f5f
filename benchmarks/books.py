"""Draw chapters of any number of pages for the benchmarks, with their transcripts."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from storage.domain import Balloon, Box, PageTranscript, Panel, Transcript
from tools import png

SIZE = 830, 1170
_ROWS = ((40, 400), (415, 780), (795, 1130))


def page(number: int) -> np.ndarray:
    """Draw an 830 x 1170 page of five panels with line art, screentone and a balloon in each."""
    random = np.random.default_rng(number)
    pixels = np.full((SIZE[1], SIZE[0], 3), 255, np.uint8)
    for box in panels():
        x0, y0, x1, y1 = (int(edge) for edge in box)
        inside = pixels[y0:y1, x0:x1]
        inside[::6, ::6] = 90
        inside[1::6, ::6] = 90
        for _ in range(60):
            points = random.integers((0, 0), (x1 - x0, y1 - y0), (5, 2)).astype(np.int32)
            cv2.polylines(inside, [points], False, (0, 0, 0), 2, cv2.LINE_AA)
        cv2.ellipse(pixels, (x0 + 80, y0 + 70), (66, 44), 0, 0, 360, (255, 255, 255), -1)
        cv2.putText(pixels, "HELLO", (x0 + 36, y0 + 78), cv2.FONT_HERSHEY_DUPLEX, 0.8, (0, 0, 0), 2)
        cv2.rectangle(pixels, (x0, y0), (x1, y1), (0, 0, 0), 4)
    return pixels


def panels() -> list[Box]:
    """Return the five panels in reading order."""
    (a, b), (c, d), (e, f) = _ROWS
    return [Box(40, a, 790, b), Box(430, c, 790, d), Box(40, c, 415, d), Box(430, e, 790, f), Box(40, e, 415, f)]


def chapter(folder: Path, pages: int) -> Path:
    """Draw `pages` pages into a folder."""
    folder.mkdir(parents=True)
    for number in range(pages):
        (folder / f"{number + 1:03d}.png").write_bytes(png.encode_png(page(number)))
    return folder


def transcript(pages: int) -> Transcript:
    """Return the exact transcript of `chapter`."""
    found = []
    for index in range(pages):
        boxes = panels()
        texts = tuple(
            Balloon(id=f"t{index}-{n}", order=n, box=_lettering(b), panel=f"p{index}-{n}",
                    text="HELLO", language="en")
            for n, b in enumerate(boxes)
        )  # fmt: skip
        read = tuple(Panel(id=f"p{index}-{n}", order=n, box=box) for n, box in enumerate(boxes))
        name = f"{index + 1:03d}.png"
        found.append(
            PageTranscript(index=index, image=name, width=SIZE[0], height=SIZE[1], panels=read, balloons=texts)
        )
    return Transcript(order="rtl", backend="corrected", pages=tuple(found))


def _lettering(panel: Box) -> Box:
    return Box(panel.x0 + 14, panel.y0 + 26, panel.x0 + 146, panel.y0 + 114)
