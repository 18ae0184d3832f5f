"""Panels on their pages in, panels cut out and cleaned out, with a map of what was painted in them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents import hearing, making
from agents.executors import Job
from agents.resolved_shot import ResolvedShot, begin_round, broken_shots, make_steps, resolve_step
from agents.shots import Shot
from agents.state import State
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.settings import Options
from storage.shapes import Balloon, Made, Panel
from tools import png
from tools.clean import load_cleaner
from tools.cutouts.cutting import painted

VERSION = 1
"""Raised when a cutout is kept, or its painted parts are found, otherwise than before: part of the content key."""


def run(shop: Workshop, state: State) -> State:
    """Cut out every panel that a shot shows; two shots of one panel share the cutout. The film's words come first."""
    under_way = begin_round(shop, state)
    hearing.first(shop, [group[0].shot for group in under_way.groups])
    make_cutouts(shop, under_way.shots)
    return {"broken": broken_shots(state, "clean", under_way.groups, "cutouts")}


def resolve_cutouts(shop: Workshop, shots: Sequence[ResolvedShot]) -> None:
    """Find the cutouts of shots."""
    resolve_step(shop, shots, "cutouts", jobs)


def make_cutouts(shop: Workshop, shots: Sequence[ResolvedShot]) -> None:
    """Make the cutouts that are missing."""
    make_steps(shop, "clean", ((shot, "cutouts", jobs(shop, shot)) for shot in shots))


def jobs(shop: Workshop, resolved: ResolvedShot) -> list[Job]:
    """One job for each panel of the shot."""
    return [_job(shop, resolved.shot, panel) for panel in resolved.shot.panels]


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    page: str,
    panel: Panel,
    others: list[Panel],
    balloons: list[Balloon],
    remove: list[str],
    seed: int,
    words: str = "",
) -> Made:
    """Cut one panel out and keep it with its place on the page."""
    cleaner = hearing.with_prompt_embeds(artifacts, load_cleaner(backend, **options), words)
    pixels = png.read_cached(artifacts.open(page))
    cutout = cleaner.clean(pixels, panel, others=others, balloons=balloons, remove=frozenset(remove), seed=seed)
    kept = {"cutout": artifacts.keep(png.encode(cutout.pixels), "image/png")}
    redrawn = painted(cutout, pixels)
    if redrawn.any():
        kept["redrawn"] = artifacts.keep(png.encode(redrawn), "image/png")
    return Made(artifacts=kept, facts={"box": list(cutout.box)})


def _job(shop: Workshop, shot: Shot, panel: Panel) -> Job:
    backend = shot.backends.clean
    # only what the picture depends on: another text, order or name must not make the cutout stale, hence the sorting
    here = Panel(id="", order=0, box=panel.box, polygon=panel.polygon)
    others = [
        Panel(id="", order=0, box=other.box, polygon=other.polygon)
        for other in sorted(shot.others, key=lambda other: (other.box, other.polygon))
    ]
    balloons = [
        Balloon(id="", order=0, box=b.box, outline=b.outline, kind=b.kind, vertical=b.vertical)
        for b in sorted(shot.balloons_of(panel), key=lambda b: (b.box, b.kind))
    ]
    arguments = {
        "page": shot.page.artifact,
        "panel": here,
        "others": others,
        "balloons": balloons,
        "remove": sorted(shot.plan.treatment.clean),
        "seed": shot.plan.seed if shop.generates("clean", backend) else 0,
    }
    job = making.job(shop, "clean", backend, f"{shot.id} {panel.id}", make, arguments, clean=VERSION)
    return replace(job, group=shot.page.artifact)
