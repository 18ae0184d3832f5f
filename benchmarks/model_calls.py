"""Call the backend of a role as a film does: on a drawn page, with a balloon, a reference and a prompt."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from benchmarks import books
from storage.domain import Box, Panel
from tools.geometry import box_polygon
from tools.plates import Cutout, Plate

BOX = Box(40, 40, 790, 400)
FIGURE = Box(300, 100, 500, 380)
FIELD = (40.0, 0.0, 790.0, 440.0)


def model_call(capability: str, backend: Any, *, seconds: float = 2.0) -> Callable[[], object]:
    """Return a call of the backend of a role; `seconds` is the length of a motion."""
    page = books.page(1)
    part = np.ascontiguousarray(page[40:400, 40:790])
    if capability == "clean":
        panel = Panel(id="p", order=0, box=BOX)
        balloon = [one for one in books.transcript(1).pages[0].balloons if one.panel == "p0-0"]
        remove = frozenset({"lettering", "frame"})
        return lambda: backend.clean(page, panel, others=[], balloons=balloon, remove=remove, seed=1)
    if capability == "outpaint":
        cutout = Cutout(np.dstack([part, np.full(part.shape[:2], 255, np.uint8)]), BOX)
        return lambda: backend.outpaint(
            [cutout], FIELD, revealed=1, fill="auto", prompt="a room", references=[part], seed=1
        )
    if capability == "redraw":
        whole = np.full(part.shape[:2], 255, np.uint8)
        return lambda: backend.redraw(part, whole, prompt="make it night", references=[part], seed=1)
    looking: dict[str, Callable[[], object]] = {
        "layers": lambda: backend.cut(page, box_polygon(BOX), seeds=[FIGURE], held=[], layers=None),
        "locate": lambda: backend.locate(part, "the eyes"),
        "likeness": lambda: backend.vision.embed(part),
    }
    if capability in looking:
        return looking[capability]
    plate = Plate(part, BOX, np.full(part.shape[:2], 255, np.uint8))
    return lambda: backend.animate(plate, seconds=seconds, prompt="hair moves in the wind", references=[], seed=1)
