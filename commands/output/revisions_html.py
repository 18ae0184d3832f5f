"""Write one self-contained HTML page that shows every changed shot before and after each revision."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from jinja2 import Environment, FileSystemLoader

from agents.editing import history, shot_status
from agents.editing.selectors import short_name
from commands.output.html_images import data_url, end_pictures, is_still
from storage.domain import Box, ShotPlan
from storage.library import Library
from storage.records import Correction, Revision
from tools import png
from tools.plates import Image

WIDE = 320
"""Pixels that a picture is wide."""
JPEG_QUALITY = 80
"""Of the JPEGs, 0..100."""
PAPER = (235, 235, 235)
MAX_PICTURED = 400
"""Changes that are shown with pictures; of the others the words alone."""


def render_revisions_html(library: Library) -> str:
    """Render all revisions as one self-contained HTML page, newest first."""
    steps = [*reversed(history.revision_steps(library))]
    pictured = [change for step in steps for change in step.changes][:MAX_PICTURED]
    album = ShotImages(library, [plan for change in pictured for plan in (change.before, change.after) if plan])
    rows: list[dict[str, Any]] = []
    left = MAX_PICTURED
    for step in steps:
        shown_changes = []
        for change in step.changes:
            left -= 1
            pictures = [album.pictures(plan) if plan and left >= 0 else [] for plan in (change.before, change.after)]
            shown_changes.append(
                {
                    "name": short_name(change.name),
                    "words": change.description,
                    "before": pictures[0],
                    "after": pictures[1],
                }
            )
        made = step.revision
        rows.append(
            _row(str(made.number), step.message, made, holds=step.in_force)
            | {"asked": step.edit_lines, "changes": shown_changes}
        )
    rows += [
        _row(f"fix {one.number}", one.message, one, holds=holds) for one, holds in history.correction_steps(library)
    ]
    rows.sort(key=lambda row: row["created"], reverse=True)
    environment = Environment(loader=FileSystemLoader(Path(__file__).parent), autoescape=True)
    title = library.info().title or library.folder.stem
    return environment.get_template("revisions.html.j2").render(title=title, rows=rows)


def _row(number: str, message: str, made: Revision | Correction, *, holds: bool) -> dict[str, Any]:
    """Return the heading of a revision or correction, as values for the template."""
    facts = {"number": number, "message": message, "author": made.author, "created": made.created, "in_force": holds}
    return {**facts, "asked": (), "changes": []}


class ShotImages:
    """Pictures of shots, each made once: frames of the take, or else the page as the camera will see it."""

    def __init__(self, library: Library, plans: Sequence[ShotPlan]) -> None:
        """`plans` are the shots whose pictures are needed."""
        self._library = library
        self._takes = history.takes_of(shot_status.read_only_context(library), list(dict.fromkeys(plans)))
        self._images = {image.index: image for image in library.pages()}
        self._pages: dict[int, Image] = {}
        self._made: dict[str, list[str]] = {}

    def pictures(self, plan: ShotPlan) -> list[str]:
        """Return the first and the last frame of a shot, or one where nothing moves, as data URLs."""
        key = plan.model_copy(update={"ordinal": 0}).model_dump_json()
        if key not in self._made:
            self._made[key] = [data_url(picture, JPEG_QUALITY) for picture in self.looks(plan)]
        return self._made[key]

    def looks(self, plan: ShotPlan) -> list[Image]:
        """Return the same frames as (h, w, 3) RGB pictures, WIDE pixels wide."""
        take = self._takes.get(plan)
        if take is None:
            keys = plan.camera[:1] if is_still(plan) else (plan.camera[0], plan.camera[-1])
            return [self._crop(plan, key.box) for key in keys]
        return end_pictures(self._library, take, plan, WIDE)

    def _crop(self, plan: ShotPlan, box: Box) -> Image:
        """Crop the page as the camera sees it from a box; beyond the page there is plain paper."""
        if plan.page not in self._pages:
            image = self._images[plan.page]
            self._pages[plan.page] = png.read_png(self._library.artifacts.open(image.artifact))
        page = self._pages[plan.page]
        high, wide = page.shape[:2]
        x0, y0, x1, y1 = (round(edge) for edge in box)
        part = page[max(0, y0) : min(high, y1), max(0, x0) : min(wide, x1)]
        beyond = max(0, -y0), max(0, y1 - high), max(0, -x0), max(0, x1 - wide)
        whole = cv2.copyMakeBorder(part, *beyond, cv2.BORDER_CONSTANT, value=PAPER)
        size = WIDE, max(1, round(box.height * WIDE / box.width))
        return np.asarray(cv2.resize(whole, size, interpolation=cv2.INTER_AREA), np.uint8)
