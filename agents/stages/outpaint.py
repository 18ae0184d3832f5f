"""Make the plates of every shot, which extend the cutouts to all that the camera will see."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import replace
from typing import TypedDict

from agents import backend_jobs, prompt_encoding, shot_references
from agents.executors import Job
from agents.fallback_ladder import max_generated
from agents.resolved_shot import (
    ResolvedShot,
    Step,
    StepResult,
    current_round,
    failed_shots,
    make_step,
    make_steps,
    resolve_step,
)
from agents.run_context import RunContext
from agents.shots import ShotToFilm, union_of
from agents.stages import redraw
from agents.stages.clean import CutoutRef, cutout_of, open_cutout
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Box, Made, Polygon
from storage.keys import code_versions, content_key
from storage.settings import Backends, Options
from tools import png
from tools.cutouts.backgrounds import hide_later_panels
from tools.cutouts.page_ground import cut_page
from tools.geometry import bounding_box, box_polygon, overlap_area
from tools.measuring import fidelity
from tools.outpaint import PlacesReferences, load_outpainter
from tools.pixels import to_mask
from tools.plates import Plate

LIMIT_TOLERANCE = 0.01
"""How far a share must exceed its limit, so that the share measured afterwards exceeds it too."""
VERSION = 1
"""Raised when a plate, or its mask of original pixels, is kept differently: part of the content key."""
WAITING_VERSION = 1
"""Raised when `make_waiting` makes another plate than before: part of the content key."""
MARGIN_PIXELS = 2.0
"""Page pixels around all that the camera sees, so that resampling never reads past the plate."""


class PageGround(TypedDict):
    """The page around a shot's panels: what is read by then, and what comes later, as outlines in page pixels."""

    page: str
    lit: list[Polygon]
    unlit: list[Polygon]


def run(context: RunContext, state: State) -> State:
    """Make the plates of every shot: one, and one more for each panel that is revealed later."""
    current = current_round(context, state)
    make_plates(context, current.shots)
    not_outpainted = _not_outpainted(context, [group[0] for group in current.groups])
    return {
        "failures": failed_shots(state, "outpaint", current.groups, "ground", "plates"),
        "not_outpainted": not_outpainted,
    }


def resolve_plates(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the plates of shots and the steps before them. Makes nothing."""
    redraw.resolve_cutouts(context, shots)
    resolve_step(context, shots, "ground", ground_jobs)
    resolve_step(context, shots, "plates", jobs)


def make_plates(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing plates of the shots whose cutouts exist; a plate from which others are derived comes first."""
    redraw.resolve_cutouts(context, shots)
    wanted: list[tuple[ResolvedShot, Step, Sequence[Job] | None]] = []
    for resolved in shots:
        if ground := ground_jobs(context, resolved):
            wanted.append((resolved, "ground", ground))
        else:
            resolved.store("ground", StepResult(None if ground is None else ()))
            wanted.append((resolved, "plates", jobs(context, resolved)))
    make_steps(context, "outpaint", wanted)
    if sharing := [resolved for resolved, step, _ in wanted if step == "ground"]:
        make_step(context, "outpaint", sharing, "plates", jobs)


def ground_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the job of the plate with all panels, where a model paints it once for all plates of the shot.

    Returns:
        No job where no plate is shared; None while a cutout is missing.
    """
    cutouts = _cutout_refs(resolved)
    if cutouts is None:
        return None
    name = _choose_painter(context, resolved.shot, cutouts)
    return (
        [_outpaint_job(context, resolved.shot, name, cutouts, len(cutouts))]
        if _is_painted_once(context, resolved.shot, name)
        else []
    )


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return one job for each plate of the shot.

    None while a cutout is missing, or the plate that a model paints for all of them.
    """
    shot, cutouts, ground = resolved.shot, _cutout_refs(resolved), resolved.jobs("ground")
    if cutouts is None or ground is None:
        return None
    earlier = range(1, len(cutouts)) if shot.plan.reveals else ()
    if ground:
        if (painted := resolved.complete("ground")) is None:
            return None
        return [*(_waiting_job(shot, cutouts, painted[0], revealed) for revealed in earlier), *ground]
    name = _choose_painter(context, shot, cutouts)
    return [_outpaint_job(context, shot, name, cutouts, revealed) for revealed in (*earlier, len(cutouts))]


def painter(resolved: ResolvedShot) -> str:
    """Return the backend that outpaints the shot: the default where a model would exceed the limit on what it may draw.

    While the plates cannot be known, it is the backend that the shot names.
    """
    jobs = resolved.jobs("plates")
    return str(jobs[-1].arguments["backend"]) if jobs else resolved.shot.backends.outpaint


def _choose_painter(context: RunContext, shot: ShotToFilm, cutouts: list[CutoutRef]) -> str:
    """Return the backend that outpaints the shot with these cutouts."""
    default = Backends().outpaint
    return (
        default
        if _share_beyond_panels(context, shot, cutouts) > max_generated(context, shot.plan) + LIMIT_TOLERANCE
        else shot.backends.outpaint
    )


def _is_limited(context: RunContext, shot: ShotToFilm) -> bool:
    """Return whether a model is to outpaint the shot under a limit on what it may draw."""
    return max_generated(context, shot.plan) < 1 and context.generates("outpaint", shot.backends.outpaint)


def _share_beyond_panels(context: RunContext, shot: ShotToFilm, cutouts: list[CutoutRef]) -> float:
    """Return the share of the shot that a model would paint around the panels, 0..1; 0 where it is not limited."""
    if not cutouts or not _is_limited(context, shot):
        return 0.0
    return fidelity.share_beyond(
        [cutout[1] for cutout in cutouts], _camera_field(shot), shot.plan.camera, shot.plan.ease
    )


def _not_outpainted(context: RunContext, shots: Sequence[ResolvedShot]) -> dict[str, str]:
    """Return why no model outpaints a shot that names one, by shot id."""
    reasons = dict[str, str]()
    for resolved in shots:
        shot = resolved.shot
        if painter(resolved) != shot.backends.outpaint:
            reasons[shot.id] = (
                f"{_share_beyond_panels(context, shot, _cutout_refs(resolved) or []):.0%} of its picture lies beyond "
                f"its panels, and models may draw {max_generated(context, shot.plan):.0%}: continued without one"
            )
    return reasons


def _cutout_refs(resolved: ResolvedShot) -> list[CutoutRef] | None:
    """Return the cutouts of the shot; None while one is missing."""
    return None if resolved.cutouts is None else [cutout_of(made) for made in resolved.cutouts]


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    cutouts: list[CutoutRef],
    field: Box,
    revealed: int,
    fill: str,
    prompt: str,
    references: list[shot_references.Reference],
    seed: int,
    words: str = "",
    ground: PageGround | None = None,
    places: list[list[Box]] | None = None,
) -> Made:
    """Make one plate; keep it with the mask of the artist's own pixels."""
    opened_cutouts = [open_cutout(artifacts, *cutout) for cutout in cutouts]
    if ground is not None:  # later panels are there already, dimmed; the page's own tone continues it beyond its edges
        page = png.read_cached(artifacts.open(ground["page"]))
        surroundings = cut_page(page, field, lit=ground["lit"], unlit=ground["unlit"])
        opened_cutouts, revealed, fill = [surroundings, *opened_cutouts[:revealed]], revealed + 1, "tone"
    reference_images = shot_references.open_references(artifacts, references)
    outpainter = prompt_encoding.with_prompt_embeds(artifacts, load_outpainter(backend, **options), words)
    if places is not None and isinstance(outpainter, PlacesReferences):
        outpainter = outpainter.with_reference_places(places)
    plate = outpainter.outpaint(
        opened_cutouts, field, revealed=revealed, fill=fill, prompt=prompt, references=reference_images, seed=seed
    )
    return keep_plate(artifacts, plate)


def make_waiting(
    artifacts: Artifacts, *, plate: str, original: str, cutouts: list[CutoutRef], box: list[float], revealed: int
) -> Made:
    """Make the plate before all panels have appeared, from the one on which they all stand."""
    pixels, original_mask = png.read_png(artifacts.open(plate)), to_mask(png.read_png(artifacts.open(original)))
    opened_cutouts = [open_cutout(artifacts, *cutout) for cutout in cutouts]
    return keep_plate(
        artifacts, hide_later_panels(Plate(pixels, Box(*box), original_mask), opened_cutouts, revealed=revealed)
    )


def keep_plate(artifacts: Artifacts, plate: Plate) -> Made:
    """Keep a plate and its mask of original pixels."""
    return Made(
        artifacts={
            "plate": artifacts.keep(png.encode_png(plate.pixels), "image/png"),
            "original": artifacts.keep(png.encode_png(plate.original), "image/png"),
        },
        facts={"box": list(plate.box)},
    )


def _is_painted_once(context: RunContext, shot: ShotToFilm, name: str) -> bool:
    """Return whether a model paints one plate for all plates of the shot, because its panels appear one by one."""
    return bool(shot.plan.reveals) and context.generates("outpaint", name)


def _waiting_job(shot: ShotToFilm, cutouts: list[CutoutRef], painted: Made, revealed: int) -> Job:
    """Return the job of a plate before all panels have appeared."""
    arguments = {
        "plate": painted.artifacts["plate"].sha256,
        "original": painted.artifacts["original"].sha256,
        "cutouts": cutouts,
        "box": painted.facts["box"],
        "revealed": revealed,
    }
    key = content_key("outpaint", "waiting", WAITING_VERSION, **arguments, **code_versions(outpaint=VERSION))
    return Job(key, "outpaint", f"{shot.id} plate {revealed}", make_waiting, arguments)


def _camera_field(shot: ShotToFilm) -> Box:
    """Return all that the camera sees, with a margin, in whole page pixels."""
    seen = union_of([key.box for key in shot.plan.camera])
    top_left = [math.floor(edge - MARGIN_PIXELS) for edge in (seen.x0, seen.y0)]
    bottom_right = [math.ceil(edge + MARGIN_PIXELS) for edge in (seen.x1, seen.y1)]
    return Box(*top_left, *bottom_right)


def _outpaint_job(context: RunContext, shot: ShotToFilm, name: str, cutouts: list[CutoutRef], revealed: int) -> Job:
    """Return the job that outpaints one plate."""
    plan = shot.plan
    generates = context.generates("outpaint", name)
    references = shot_references.choose_references(context, shot) if generates else []
    arguments: dict[str, object] = {
        "cutouts": cutouts,
        "field": _camera_field(shot),
        "revealed": revealed,
        "fill": plan.render_options.outpaint.fill,
        "prompt": shot.outpaint_prompt if generates else "",
        "references": references,
        "seed": plan.seed if generates else 0,
    }
    backend = context.backend("outpaint", name)
    if isinstance(backend, PlacesReferences) and backend.places_references:
        places = shot_references.reference_places(shot, references)
        arguments |= {"places": places} if any(places) else {}
    if plan.render_options.outpaint.fill == "page" and not generates:
        arguments["ground"] = _page_ground(shot, revealed)
    job = backend_jobs.build_job(
        context, "outpaint", name, f"{shot.id} plate {revealed}", make, arguments,
        shot.plan.characters, outpaint=VERSION,
    )  # fmt: skip
    return replace(job, group=shot.page.artifact) if "ground" in arguments else job


def _page_ground(shot: ShotToFilm, revealed: int) -> PageGround:
    """Return what of its page a shot shows lit and dimmed while `revealed` of its panels have appeared."""
    page, field = shot.page_transcript, _camera_field(shot)
    order = {panel.id: panel.order for panel in page.panels}
    appeared = max(order[panel.id] for panel in shot.panels[:revealed])
    waiting = {panel.id for panel in shot.panels[revealed:]}
    is_lit = {name: at <= appeared and name not in waiting for name, at in order.items()}
    read_until = max((b.order for b in page.balloons if is_lit.get(b.panel or "")), default=-1)
    outlines: dict[bool, list[Polygon]] = {True: [], False: []}
    for panel in page.panels:
        outlines[is_lit[panel.id]].append(panel.polygon or box_polygon(panel.box))
    for balloon in page.balloons:
        own = balloon.id in shot.plan.balloons and balloon.panel not in waiting
        lit = own or is_lit.get(balloon.panel or "", balloon.order <= read_until)
        outlines[lit].append(balloon.outline or box_polygon(balloon.box))
    lit_there, unlit_there = (
        sorted(outline for outline in outlines[lit] if overlap_area(bounding_box(outline), field) > 0)
        for lit in (True, False)
    )
    return PageGround(page=shot.page.artifact, lit=lit_there, unlit=unlit_there)
