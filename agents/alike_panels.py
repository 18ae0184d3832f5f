"""Find the panels of a book that look most like the panels of a shot, by the embeddings of the film's likeness model.

Only earlier panels and those of the shot's own page count, so that pages that come later change no shot. Where no model
measures likeness there are no embeddings: histograms of tones say little about a place.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from agents import backend_jobs
from agents.executors import Job
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.artifacts import Artifacts
from storage.domain import Box, Made, PageTranscript, Transcript
from storage.settings import Backends, Options
from tools import backends, png
from tools.characters import portraits
from tools.likeness import load_likeness_measure

VERSION = 1
"""Raised when panels are cropped differently before they are embedded: part of the content key."""
PAGES_BACK = 20
"""How many pages before a shot's own one are searched."""
_DRAWING = ("redraw", "outpaint", "animate")


def embed_panels(context: RunContext, transcript: Transcript) -> None:
    """Embed the panels of all pages, once each, if a model measures likeness and another one looks at references."""
    if not _is_wanted(context):
        return
    images = {page.index: page.artifact for page in context.library.pages()}
    context.make("cast", [_job(context, images[page.index], page) for page in transcript.pages if page.panels])


def alike_panels(context: RunContext, shot: ShotToFilm, most: int) -> list[tuple[str, Box | None]] | None:
    """Return the panels most like those of a shot, each with its page, the most alike first.

    Args:
        context: The run's context.
        shot: The shot.
        most: The most panels.

    Returns:
        Hashes of pages with the boxes of panels; None where the panels of its page have no embeddings.
    """
    if not _is_wanted(context) or shot.transcript is None:
        return None
    pages = [page for page in shot.transcript.pages if 0 <= shot.plan.page - page.index <= PAGES_BACK and page.panels]
    jobs = {page.index: _job(context, shot.images[page.index].artifact, page) for page in pages}
    found, open_file = context.library.find_many([job.key for job in jobs.values()]), context.library.artifacts.open
    vectors = {
        panel.id: vector
        for page in pages
        if (made := found.get(jobs[page.index].key)) is not None
        for panel, vector in zip(page.panels, _vectors(open_file(made.artifacts["panels"])), strict=True)
    }
    own = [vectors[panel.id] for panel in shot.panels if panel.id in vectors]
    if not own:
        return None
    shown = {panel.id for panel in shot.panels}
    likeness = {
        panel.id: (max(float(vectors[panel.id] @ vector) for vector in own), page.index, panel.box)
        for page in pages
        for panel in page.panels
        if panel.id in vectors and panel.id not in shown
    }
    ranked = sorted(likeness.items(), key=lambda item: (-item[1][0], -item[1][1], item[0]))
    return [(shot.images[index].artifact, box) for _, (_, index, box) in ranked[:most]]


def make_embeddings(
    artifacts: Artifacts, *, backend: str, options: Options, page: str, boxes: list[Box], lettering: list[Box]
) -> Made:
    """Embed the panels of one page without their lettering."""
    pixels = png.read_png(artifacts.open(page))[..., :3]
    likeness = load_likeness_measure(backend, **options)
    text = [Box(*box) for box in lettering]
    vectors = [likeness.embed(portraits.without_lettering(pixels, Box(*box), text)) for box in boxes]
    rows = [[round(float(value), 5) for value in vector] for vector in vectors]
    return Made(artifacts={"panels": artifacts.keep(json.dumps(rows).encode(), "application/json")})


def _is_wanted(context: RunContext) -> bool:
    """Return whether a model measures likeness, and another one looks at references."""
    chosen = context.settings.backends
    drawing: Mapping[str, str] = {role: getattr(chosen, role) for role in _DRAWING}
    is_used = any(
        name != getattr(Backends(), role) and backends.uses_references(context.backend(role, name))
        for role, name in drawing.items()
    )
    return is_used and bool(backends.device_model(context.backend("likeness", chosen.likeness)))


def _job(context: RunContext, image: str, page: PageTranscript) -> Job:
    """Return the job that embeds the panels of one page."""
    arguments = {
        "page": image,
        "boxes": [panel.box for panel in page.panels],
        "lettering": [balloon.box for balloon in page.balloons],
    }
    name = context.settings.backends.likeness
    return backend_jobs.build_job(context, "likeness", name, page.image, make_embeddings, arguments, panels=VERSION)


@lru_cache(maxsize=4 * PAGES_BACK)
def _vectors(path: Path) -> list[NDArray[np.float32]]:
    """Return the embeddings in a file, which is named after what it holds: all shots of 20 pages ask for it."""
    return [np.array(row, np.float32) for row in json.loads(path.read_text(encoding="utf-8"))]
