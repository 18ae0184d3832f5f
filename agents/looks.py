"""Measure once for each page how its panels are drawn and which of them the artist left empty."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from agents.executors import Job
from agents.run_context import RunContext
from storage.artifacts import Artifacts
from storage.domain import Box, Made, PageTranscript, Transcript
from storage.keys import content_key
from tools import png
from tools.measuring import measures

Looks = dict[str, measures.PanelLook]
"""How panels look, by their ids."""
VERSION = 1
"""Raised when `measures.look` sees otherwise than before: part of the content key."""


def look_at_panels(ctx: RunContext, transcript: Transcript) -> Looks:
    """Measure how each panel of the book looks. A page that could not be measured is left out."""
    results = ctx.make("storyboard", _jobs(ctx, transcript.pages).values())
    looks: Looks = {}
    for made in results.made.values():
        found = json.loads(ctx.library.artifacts.open(made.artifacts["looks"]).read_text(encoding="utf-8"))
        looks |= {panel: measures.PanelLook(**_tuples(values)) for panel, values in found.items()}
    return dict(sorted(looks.items()))


def find_bare_panels(ctx: RunContext, pages: Iterable[PageTranscript]) -> dict[str, bool]:
    """Say of each panel whether the artist left it without a picture, as far as its page was looked at already."""
    listed = list(pages)
    jobs = _jobs(ctx, listed)
    made = ctx.library.find_many(job.key for job in jobs.values())
    bare: dict[str, bool] = {}
    for page in listed:
        told = made[jobs[page.index].key].facts.get("bare") if jobs[page.index].key in made else None
        if isinstance(told, list):  # projects of old do not say
            bare |= {panel: bool(one) for panel, one in zip(_ids(page), told, strict=True)}
    return bare


def looks_key(looks: Mapping[str, measures.PanelLook]) -> str:
    """A short fingerprint of the looks, for the storyboard's content key."""
    told = {name: dataclasses.asdict(look) for name, look in looks.items()}
    return content_key("look", "measures", VERSION, looks=told)


def make(artifacts: Artifacts, *, page: str, boxes: dict[str, Box], lettering: list[Box]) -> Made:
    """Measure how each panel of a page looks; `bare` is 1 for a panel without a picture, in the order of their ids."""
    pixels = png.read_cached(artifacts.open(page))
    found = {panel: dataclasses.asdict(measures.look_at_panel(pixels, box, lettering)) for panel, box in boxes.items()}
    bare = [float(measures.is_bare(pixels, boxes[panel])) for panel in sorted(boxes)]
    kept = artifacts.keep(json.dumps(found).encode(), "application/json")
    return Made(artifacts={"looks": kept}, facts={"bare": bare})


def _jobs(ctx: RunContext, pages: Iterable[PageTranscript]) -> dict[int, Job]:
    """The job that looks at each page, by the page's index."""
    images = {page.index: page.artifact for page in ctx.library.pages()}
    jobs: dict[int, Job] = {}
    for page in pages:
        arguments = {
            "page": images[page.index],
            "boxes": {panel.id: panel.box for panel in page.panels},
            "lettering": [balloon.box for balloon in page.balloons],
        }
        key = content_key("look", "measures", VERSION, **arguments)
        jobs[page.index] = Job(key, "look", page.image, make, arguments)
    return jobs


def _ids(page: PageTranscript) -> list[str]:
    return sorted(panel.id for panel in page.panels)


def _tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
