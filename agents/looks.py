"""Measure once for each page how its panels are drawn and which of them the artist left empty."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from agents.executors import Job
from agents.run_context import RunContext
from storage.artifacts import Artifacts
from storage.domain import Box, Made, PageImage, PageTranscript, Polygon, Transcript
from storage.keys import code_versions, content_key
from tools import png
from tools.geometry import box_polygon
from tools.layers import PageLayers, PanelPlanes, load_cutter
from tools.measuring import measures, streaks

FLAGS = ("rain", "layered")
"""What is said of a panel by jobs of their own; books without any keep the content keys of their plans."""
Looks = dict[str, measures.PanelLook]
"""How panels look, by their ids."""
VERSION = 1
"""Raised when `measures.look_at_panel` measures differently: part of the content key."""

RAIN_VERSION = 1
"""Raised when `streaks.shows_rain` finds other panels: part of the content key."""


LAYERED_VERSION = 1
"""Raised when other panels are found whose figures and ground the artist drew apart: part of the content key."""


def look_at_panels(context: RunContext, transcript: Transcript) -> Looks:
    """Measure how each panel of the book looks. Panels of a page that could not be measured are missing."""
    stored = context.library.pages()
    images = {page.index: page.artifact for page in stored}
    jobs, rain_jobs = _look_jobs(images, transcript.pages), _rain_jobs(images, transcript.pages)
    layered_jobs = _layered_jobs(context, stored, transcript.pages)
    by_page = [job for page in jobs for job in (jobs[page], rain_jobs[page])]
    made = context.make("storyboard", [*by_page, *layered_jobs.values()]).made
    looks: Looks = {}
    for page in transcript.pages:
        if (found := made.get(jobs[page.index].key)) is None:
            continue
        measured = json.loads(context.library.artifacts.open(found.artifacts["looks"]).read_text(encoding="utf-8"))
        rainy = made.get(rain_jobs[page.index].key)
        rains = dict(zip(_panel_ids(page), _flags(rainy, "rain"), strict=False))
        apart = made.get(layered_jobs[page.index].key) if page.index in layered_jobs else None
        layered = dict(zip(_panel_ids(page), _flags(apart, "layered"), strict=False))
        looks |= {
            panel: measures.PanelLook(
                **_with_tuples(values), rain=rains.get(panel, False), layered=layered.get(panel, False)
            )
            for panel, values in measured.items()
        }
    return dict(sorted(looks.items()))


def find_bare_panels(context: RunContext, pages: Iterable[PageTranscript]) -> dict[str, bool]:
    """Return for each panel whether the artist left it empty; panels of pages not measured yet are missing."""
    page_list = list(pages)
    jobs = _look_jobs(_page_images(context), page_list)
    made = context.library.find_many(job.key for job in jobs.values())
    bare: dict[str, bool] = {}
    for page in page_list:
        flags = made[jobs[page.index].key].facts.get("bare") if jobs[page.index].key in made else None
        if isinstance(flags, list):  # projects made by older versions have no flags
            bare |= {panel: bool(flag) for panel, flag in zip(_panel_ids(page), flags, strict=True)}
    return bare


def looks_key(looks: Mapping[str, measures.PanelLook]) -> str:
    """Return a short fingerprint of the looks, for the storyboard's content key.

    Rain and layers are left out where there are none, so that books without any keep their plans.
    """
    plain_looks = {
        name: _stored_look(look) | {flag: True for flag in FLAGS if getattr(look, flag)} for name, look in looks.items()
    }
    return content_key("look", "measures", VERSION, looks=plain_looks)


def make(artifacts: Artifacts, *, page: str, boxes: dict[str, Box], lettering: list[Box]) -> Made:
    """Measure how each panel of a page looks; `bare` is 1 for a panel without a picture, in the order of their ids."""
    pixels = png.read_cached(artifacts.open(page))
    looks = {panel: _stored_look(measures.look_at_panel(pixels, box, lettering)) for panel, box in boxes.items()}
    bare = [float(measures.is_bare(pixels, boxes[panel])) for panel in sorted(boxes)]
    artifact = artifacts.keep(json.dumps(looks).encode(), "application/json")
    return Made(artifacts={"looks": artifact}, facts={"bare": bare})


def find_rain(artifacts: Artifacts, *, page: str, boxes: dict[str, Box]) -> Made:
    """Find the panels of a page in which rain is drawn; `rain` is 1 for them, in the order of their ids."""
    pixels = png.read_cached(artifacts.open(page))
    return Made(facts={"rain": [float(streaks.shows_rain(pixels, boxes[panel])) for panel in sorted(boxes)]})


def find_layered(artifacts: Artifacts, *, page: str, masks: str, ground: str, panels: dict[str, Polygon]) -> Made:
    """Find the panels whose figures and ground the artist drew apart; `layered` is 1 for them, in the order of ids."""
    pixels, seen = png.read_cached(artifacts.open(page)), png.read_cached(artifacts.open(masks))
    layers = PageLayers(seen[..., 0], seen[..., 1], png.read_cached(artifacts.open(ground)))
    cutter = load_cutter("psd")
    cut = [cutter.cut(pixels, panels[name], seeds=[], held=[], layers=layers) for name in sorted(panels)]
    return Made(facts={"layered": [float(isinstance(found, PanelPlanes)) for found in cut]})


def _page_images(context: RunContext) -> dict[int, str]:
    """Return the artifact of each page's image, by the page's index."""
    return {page.index: page.artifact for page in context.library.pages()}


def _rain_jobs(images: Mapping[int, str], pages: Iterable[PageTranscript]) -> dict[int, Job]:
    """Return the job that finds rain on each page, by the page's index."""
    jobs: dict[int, Job] = {}
    for page in pages:
        arguments = {"page": images[page.index], "boxes": {panel.id: panel.box for panel in page.panels}}
        key = content_key("look", "rain", RAIN_VERSION, **arguments)
        jobs[page.index] = Job(key, "look", page.image, find_rain, arguments, group=images[page.index])
    return jobs


def _layered_jobs(context: RunContext, stored: Sequence[PageImage], pages: Iterable[PageTranscript]) -> dict[int, Job]:
    """Return the job that finds the layered panels of each stored page with layers, by the page's index."""
    layers = {page.index: page.layers for page in stored if page.layers}
    known = context.library.find_many(layers.values()) if layers else {}
    images, jobs = {page.index: page.artifact for page in stored}, dict[int, Job]()
    for page in pages:
        made = known.get(layers.get(page.index, ""))
        if made is None or not {"masks", "ground"} <= made.artifacts.keys():
            continue
        arguments = {
            "page": images[page.index],
            "masks": made.artifacts["masks"].sha256,
            "ground": made.artifacts["ground"].sha256,
            "panels": {panel.id: panel.polygon or box_polygon(panel.box) for panel in page.panels},
        }
        versions = code_versions(cutter=load_cutter("psd").version)
        key = content_key("look", "layered", LAYERED_VERSION, **arguments, **versions)
        jobs[page.index] = Job(key, "look", page.image, find_layered, arguments, group=images[page.index])
    return jobs


def _flags(made: Made | None, name: str) -> list[bool]:
    """Return flags that were kept as numbers; none where they were not measured."""
    numbers = made.facts.get(name) if made else None
    return [bool(number) for number in numbers] if isinstance(numbers, list) else []


def _look_jobs(images: Mapping[int, str], pages: Iterable[PageTranscript]) -> dict[int, Job]:
    """Return the job that measures each page, by the page's index."""
    jobs: dict[int, Job] = {}
    for page in pages:
        arguments = {
            "page": images[page.index],
            "boxes": {panel.id: panel.box for panel in page.panels},
            "lettering": [balloon.box for balloon in page.balloons],
        }
        key = content_key("look", "measures", VERSION, **arguments)
        jobs[page.index] = Job(key, "look", page.image, make, arguments, group=images[page.index])
    return jobs


def _stored_look(look: measures.PanelLook) -> dict[str, Any]:
    """Return a look as it is kept; its flags are found by other jobs."""
    return {name: value for name, value in dataclasses.asdict(look).items() if name not in FLAGS}


def _panel_ids(page: PageTranscript) -> list[str]:
    """Return the ids of a page's panels, sorted."""
    return sorted(panel.id for panel in page.panels)


def _with_tuples(values: Mapping[str, Any]) -> dict[str, Any]:
    """Return `values` with lists as tuples, as they were before JSON."""
    return {name: tuple(value) if isinstance(value, list) else value for name, value in values.items()}
