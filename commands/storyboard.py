"""The `storyboard` command: write the plan of a project as JSON or as one self-contained HTML page."""

from __future__ import annotations

import argparse
import json
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader

from agents import output_files
from agents.editing import shot_status
from agents.executors.local import worker_count
from agents.review import critic
from agents.shots import union_of
from commands.output import html_images
from storage.domain import Box, PageImage, Panel, Polygon
from storage.library import Library
from tools import png
from tools.geometry import box_polygon
from tools.plates import Image

STILL_WIDTH = 480
"""Pixels that a still is wide on the page, at most."""
PAGE_WIDTH = 640
"""Pixels that a page's picture is wide, at most; every shot of it shows the same one."""
MAX_HEIGHT = 30_000
"""Pixels that the picture of a strip is high, at most: JPEG ends at 65,535."""
JPEG_QUALITY = 82
"""Of the JPEGs, 0..100."""
MARGIN_SHARE = 0.04
"""How much of the page is shown around a shot, as a share of the page's width."""


def run(command: argparse.Namespace) -> int:
    """Write the storyboard. Return 0."""
    files: dict[Path, output_files.FileContent] = {}
    for place in (command.html, command.json):
        if place:
            output_files.refuse_unwritable(place)
    with Library.open(command.project, readonly=True) as library:
        data = shot_status.storyboard_data(library, command.json_version)
        text = json.dumps(data, ensure_ascii=False, indent=1) + "\n"
        if command.html:
            files[command.html] = page(library)
        if command.json:
            files[command.json] = text
    output_files.write_files(files)
    print("\n".join(str(place) for place in files) if files else text.rstrip("\n"))
    return 0


def page(library: Library) -> str:
    """Render the storyboard as a self-contained HTML page: every shot on its page, its stills, lines and reason."""
    data = shot_status.storyboard_data(library, 2)
    transcript, items = library.transcript(), shot_status.shot_statuses(library)
    texts = {text.id: text for page in transcript.pages for text in page.balloons} if transcript else {}
    shown = {item.shot.plan.page for item in items}
    with ThreadPoolExecutor(worker_count()) as pool:  # it is ffmpeg that works
        stills = list(pool.map(lambda item: _stills(library, item), items))
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    wide, tall = (int(side) for side in data["aspect"].split(":"))
    questions = critic.open_questions(library, [(item.shot.plan, item.take) for item in items if item.take])
    return environment.get_template("storyboard.html.j2").render(
        title=library.info().title or library.folder.stem,
        data=data,
        shots=[
            {
                **shot,
                **_place(item),
                "stills": pictures,
                "spoken": [texts[line] for line in shot["balloons"] if line in texts],
                "take": item.take,
                "question": questions.get(item.shot.id, ""),
            }
            for shot, item, pictures in zip(data["shots"], items, stills, strict=True)
        ],
        pages={
            image.index: {**image.model_dump(), "picture": _picture(_pixels(library, image), PAGE_WIDTH)}
            for image in library.pages()
            if image.index in shown
        },
        names={character.id: character.name for character in transcript.cast} if transcript else {},
        seconds=round(sum(shot["seconds"] for shot in data["shots"])),
        widest="calc(50% - .25rem)" if wide >= tall else "9rem",
    )  # fmt: skip


def _place(item: shot_status.ShotStatus) -> dict[str, object]:
    """Return the shot's place on its page in page pixels: visible part, shaded area and camera boxes."""
    shot, paper = item.shot, Box(0, 0, item.shot.page.width, item.shot.page.height)
    boxes = [key.box for key in shot.plan.camera]
    near, margin = union_of([*boxes, *(panel.box for panel in shot.panels)]), MARGIN_SHARE * paper.width
    shown = Box(near.x0 - margin, near.y0 - margin, near.x1 + margin, near.y1 + margin)
    ways = [("from", boxes[0]), *([("to", boxes[-1])] if boxes[-1] != boxes[0] else [])]
    return {
        "view": _view(shown),
        "shade": " ".join([_outline(box_polygon(paper)), *(_outline(_shape(panel)) for panel in shot.panels)]),
        "ways": [
            {"name": name, "x": round(at.x0), "y": round(at.y0), "width": round(at.width), "height": round(at.height)}
            for name, at in ways
        ],
    }  # fmt: skip


def _stills(library: Library, item: shot_status.ShotStatus) -> list[dict[str, object]]:
    """Return the first and last frame of a shot (one where nothing moves), as filmed or as planned."""
    plan = item.shot.plan
    times = (0.5,) if html_images.is_still(plan) else (0.0, 1.0)
    if item.take is None:
        keys = plan.camera
        return [{"at": t * plan.seconds, "view": _view(keys[0 if t < 1 else -1].box)} for t in times]
    stills = html_images.end_pictures(library, item.take, plan, STILL_WIDTH)
    return [
        {"at": t * plan.seconds, "picture": _picture(still, STILL_WIDTH)}
        for t, still in zip(times, stills, strict=True)
    ]


def _pixels(library: Library, page: PageImage) -> Image:
    return png.read_png(library.artifacts.open(page.artifact))


def _picture(pixels: Image, widest: int) -> str:
    height, width = pixels.shape[:2]
    scale = min(1.0, widest / width, MAX_HEIGHT / height)
    size = max(1, round(width * scale)), max(1, round(height * scale))
    return html_images.data_url(
        np.asarray(cv2.resize(pixels, size, interpolation=cv2.INTER_AREA), np.uint8), JPEG_QUALITY
    )


def _view(box: Box) -> str:
    return f"{box.x0:.0f} {box.y0:.0f} {box.width:.0f} {box.height:.0f}"


def _shape(panel: Panel) -> Polygon:
    return panel.polygon or box_polygon(panel.box)


def _outline(polygon: Polygon) -> str:
    return "M" + "L".join(f"{x:.0f} {y:.0f}" for x, y in polygon) + "Z"
