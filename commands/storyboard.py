"""`storyboard`: a project in, its plan as data or as one self-contained page with pictures out."""

from __future__ import annotations

import argparse
import base64
import json
from pathlib import Path
from typing import Any

import cv2
from jinja2 import Environment, FileSystemLoader

from agents import board
from storage.errors import StorageError
from storage.library import Library
from storage.shapes import Box
from tools import clips, png
from tools.plates import Image

WIDTH = 480  # pixels of a picture on the page


def run(command: argparse.Namespace) -> int:
    """Write the storyboard. Returns 0."""
    with Library.open(command.project, readonly=True) as library:
        data = board.board(library)
        text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
        if command.html:
            _write(command.html, page(library, data))
            print(command.html)
        if command.json:
            _write(command.json, text)
        elif not command.html:
            print(text, end="")
    return 0


def page(library: Library, data: dict[str, Any]) -> str:
    """The storyboard as HTML that needs nothing beside itself: every shot with its first and last picture."""
    transcript = library.transcript()
    texts = {b.id: b for p in transcript.pages for b in p.texts} if transcript else {}
    shots = [
        {
            **item.shot.plan.model_dump(mode="json"),
            "pictures": [_picture(library, item, t) for t in (0.0, 1.0)],
            "spoken": [texts[line] for line in item.shot.plan.lines if line in texts],
            "take": item.take,
        }
        for item in board.standing(library)
    ]
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    return environment.get_template("storyboard.html.j2").render(
        title=library.info().title or library.folder.stem,
        data=data,
        shots=shots,
        seconds=sum(s["seconds"] for s in shots),
    )


def _picture(library: Library, item: board.Standing, t: float) -> str:
    if item.take:
        shown = clips.still(library.artifacts.open(item.take.artifact), t * item.shot.plan.seconds)
    else:  # not filmed yet: what the camera would see of the page
        keys = item.shot.plan.camera
        x0, y0, x1, y1 = (round(edge) for edge in _inside(keys[0 if t == 0 else -1].box, item))
        shown = png.read(library.artifacts.open(item.shot.page.artifact))[y0:y1, x0:x1]
    height = round(shown.shape[0] * WIDTH / shown.shape[1])
    small: Image = cv2.resize(shown, (WIDTH, height), interpolation=cv2.INTER_AREA)  # type: ignore[assignment]
    coded = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 82])[1]
    return "data:image/jpeg;base64," + base64.b64encode(coded.tobytes()).decode()


def _inside(box: Box, item: board.Standing) -> Box:
    image = item.shot.page
    return Box(max(0, box.x0), max(0, box.y0), min(image.width, box.x1), min(image.height, box.y1))


def _write(path: Path, text: str) -> None:
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise StorageError(f"{path} could not be written: {error.strerror}", "choose another place") from None
