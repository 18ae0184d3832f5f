"""Divide the panels of shots into planes where an effect moves their ground: from the artist's layers, or by a cut."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import TypedDict, cast

import numpy as np

from agents import backend_jobs
from agents.executors import Job
from agents.motion_effects import PlanesRef, held_outlines
from agents.resolved_shot import ResolvedShot, current_round, failed_shots, make_step, resolve_step
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import animate
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Box, Made, MotionEffect, Panel, Polygon
from storage.settings import Options
from tools import geometry, png
from tools.layers import CutRefusal, PageLayers, RefusalKind, load_cutter
from tools.motion import load_effect, moves_ground

VERSION = 1
"""Raised when planes are kept differently: part of the content keys."""
ARTIST = "psd"
"""The backend that cuts where the artist's layers are known; elsewhere it is the film's."""
REASONS: Mapping[RefusalKind, str] = {
    "no_figure": "no figure is known in it: name one with a box, such as: effect parallax on box 20%,30%,60%,90%",
    "no_layers": "its layers are not known any more",
    "too_small": "the figure could not be told from the ground: too little of it was found",
    "too_large": "the figure could not be told from the ground, or leaves nothing of it",
    "beyond_box": "the figure goes on beyond its box: name a larger one",
    "touches_all_sides": "the figure could not be told from the ground: it reaches all sides of the panel",
    "edge_off_lines": "the figure could not be told from the ground along drawn lines",
    "uncertain": "the figure could not be told from the ground: the model was not certain of it",
    "no_depth": "the figure could not be told from the ground: all of the panel is about as near",
    "plain_ground": "nothing is drawn behind the figure that could be seen to move",
}
"""Why the ground of a panel is not moved, in words."""
ANIMATED = "a model animates its picture"


class LayersRef(TypedDict):
    """The planes of a page as the artist kept them apart: the hashes of a picture of masks, and of the ground."""

    masks: str
    ground: str


def run(context: RunContext, state: State) -> State:
    """Divide the panels of every shot that has an effect which moves their ground."""
    current = current_round(context, state)
    make_planes(context, current.shots)
    not_layered = {group[0].shot.id: reason for group in current.groups if (reason := flat_reason(group[0]))}
    return {"failures": failed_shots(state, "layers", current.groups, "planes"), "not_layered": not_layered}


def resolve_planes(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the planes of shots and the steps before them. Makes nothing."""
    animate.resolve_motions(context, shots)
    resolve_step(context, shots, "planes", jobs)


def make_planes(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing planes of shots; where no effect needs them, there are none."""
    animate.resolve_motions(context, shots)
    make_step(context, "layers", shots, "planes", jobs)


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job]:
    """Return one job for each panel whose ground an effect of the shot moves."""
    shot = resolved.shot
    wanted = list(_moved_panels(shot))
    if not wanted or shot.fallback:
        return []
    layers = find_layers(context, shot)
    name = ARTIST if layers else shot.backends.layers
    return [
        replace(_cut_job(context, shot, name, panel, effect, layers), group=shot.page.artifact)
        for _, effect, panel in wanted
    ]


def is_missing_planes(resolved: ResolvedShot) -> bool:
    """Return whether planes that an effect of the shot needs are not made yet."""
    is_needed = not resolved.shot.fallback and any(_moved_panels(resolved.shot))
    return is_needed and resolved.complete("planes") is None


def planes_of(resolved: ResolvedShot) -> dict[str, PlanesRef]:
    """Return the planes of a shot by effect and panel ("0-1"), without those that were refused.

    Its planes must be resolved. A panel that a model animates has none: its clip is one picture.
    """
    made, motions = resolved.complete("planes"), resolved.motions
    if not made or motions is None or motions[-1].facts["frames"] != 1:
        return {}
    return {
        name: _planes_ref(found)
        for (name, _, _), found in zip(_moved_panels(resolved.shot), made, strict=True)
        if "refused" not in found.facts
    }


def flat_reason(resolved: ResolvedShot) -> str:
    """Return why the ground of a shot is not moved though its plan asks for it; "" where it is moved."""
    made, motions = resolved.complete("planes"), resolved.motions
    if not made:
        return ""
    if motions is not None and motions[-1].facts["frames"] != 1:
        return ANIMATED
    refused = [cast(RefusalKind, found.facts["refused"]) for found in made if "refused" in found.facts]
    return REASONS[refused[0]] if len(refused) == len(made) else ""


def find_layers(context: RunContext, shot: ShotToFilm) -> LayersRef | None:
    """Return the artist's layers of a shot's page; None where they are not known."""
    made = context.library.find_made(shot.page.layers) if shot.page.layers else None
    if made is None or not {"masks", "ground"} <= made.artifacts.keys():
        return None
    return LayersRef(masks=made.artifacts["masks"].sha256, ground=made.artifacts["ground"].sha256)


def open_layers(artifacts: Artifacts, layers: LayersRef) -> PageLayers:
    """Open the artist's layers of a page."""
    masks = png.read_cached(artifacts.open(layers["masks"]))
    return PageLayers(masks[..., 0], masks[..., 1], png.read_cached(artifacts.open(layers["ground"])))


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    page: str,
    panel: Polygon,
    seeds: list[Box],
    held: list[Polygon],
    layers: LayersRef | None,
) -> Made:
    """Divide one panel into planes; a refusal is kept as a fact, so that it is found once."""
    pixels = png.read_cached(artifacts.open(page))[..., :3]
    known = open_layers(artifacts, layers) if layers else None
    found = load_cutter(backend, **options).cut(
        pixels, panel, seeds=[Box(*seed) for seed in seeds], held=held, layers=known
    )
    if isinstance(found, CutRefusal):
        return Made(facts={"refused": found.kind, "value": round(found.value, 4)})
    masks = np.dstack([found.figures, found.held, np.zeros_like(found.held)])
    kept = {"masks": artifacts.keep(png.encode_png(masks), "image/png")}
    if found.ground is not None:
        kept["ground"] = artifacts.keep(png.encode_png(found.ground), "image/png")
    return Made(artifacts=kept, facts={"box": list(found.box)})


def _moved_panels(shot: ShotToFilm) -> Iterator[tuple[str, MotionEffect, Panel]]:
    """Yield each panel whose ground an effect moves, with a name of both by their places in the plan."""
    for number, effect in enumerate(shot.plan.render_options.effects):
        if not moves_ground(load_effect(effect.kind)):
            continue
        for at, panel in enumerate(shot.panels):
            if effect.box is None or geometry.overlap_box(effect.box, panel.box):
                yield f"{number}-{at}", effect, panel


def _cut_job(
    context: RunContext, shot: ShotToFilm, name: str, panel: Panel, effect: MotionEffect, layers: LayersRef | None
) -> Job:
    """Return the job that divides one panel."""
    people = sorted(one.box for one in shot.page_transcript.characters if one.panel == panel.id)
    arguments = {
        "page": shot.page.artifact,
        "panel": panel.polygon or geometry.box_polygon(panel.box),
        "seeds": [] if layers else [effect.box] if effect.box else people,
        "held": [] if layers else held_outlines(shot),
        "layers": layers,
    }
    return backend_jobs.build_job(context, "layers", name, shot.id, make, arguments, layers=VERSION)


def _planes_ref(made: Made) -> PlanesRef:
    """Return the reference to planes that were made."""
    ground = made.artifacts.get("ground")
    box = made.facts["box"]
    assert isinstance(box, list)
    return PlanesRef(masks=made.artifacts["masks"].sha256, ground=ground.sha256 if ground else "", box=box)
