"""Let an image editor change the panels of the shots that ask for it, in words; balloons and lettering stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents import backend_jobs, prompt_encoding
from agents.executors import Job
from agents.key_poses import poses_to_meet
from agents.resolved_shot import ResolvedShot, current_round, failed_shots, make_steps, resolve_step
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import clean
from agents.stages.clean import CutoutRef
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Balloon, Box, Made, Panel, Redraw
from storage.keys import content_key
from storage.settings import Backends, Options
from tools.cutouts.cutting import editable_mask
from tools.cutouts.posed_plates import lay_panel
from tools.pixels import as_image
from tools.plates import Cutout
from tools.redraw import load_redrawer

VERSION = 1
"""Raised when a redrawn cutout is kept differently, or other pixels of it may change: part of the content key."""

PANEL_POSE_VERSION = 1
"""Raised when a panel is laid in the place of another differently: part of the content key."""


def run(context: RunContext, state: State) -> State:
    """Redraw the panels of every shot whose plan says so."""
    current = current_round(context, state)
    make_cutouts(context, current.shots)
    return {"failures": failed_shots(state, "redraw", current.groups, "redrawn", "poses")}


def resolve_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the redrawn cutouts of shots and the cutouts before them. Makes nothing."""
    clean.resolve_cutouts(context, shots)
    resolve_step(context, shots, "redrawn", jobs)
    resolve_step(context, shots, "poses", pose_jobs)


def make_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing redrawn cutouts of the shots whose cutouts exist."""
    clean.resolve_cutouts(context, shots)
    make_steps(context, "redraw", ((shot, "redrawn", jobs(context, shot)) for shot in shots))
    make_steps(context, "redraw", ((shot, "poses", pose_jobs(context, shot)) for shot in shots))


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return one job for each panel of a shot that is redrawn, none where it is not.

    None while a cutout is missing. A panel outside the part that may change passes through its job, and no model looks
    at it.
    """
    shot = resolved.shot
    if shot.plan.render_options.redraw is None or shot.backends.redraw == Backends().redraw:
        return []
    cutouts = resolved.complete("cutouts")
    if cutouts is None:
        return None
    return [
        _redraw_job(context, resolved, panel, clean.cutout_of(made), shot.plan.render_options.redraw)
        for panel, made in zip(shot.panels, cutouts, strict=True)
    ]


def pose_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the job of each panel of the shot in each of its key poses; None while a cutout is missing."""
    shot, poses = resolved.shot, poses_to_meet(context, resolved.shot)
    if not poses:
        return []
    cutouts, others = resolved.cutouts, resolved.complete("pose_cutouts")
    if cutouts is None or others is None:
        return None
    own, coming = [clean.cutout_of(made) for made in cutouts], iter(others)
    return [
        _redraw_job(context, resolved, panel, cutout, Redraw(prompt=pose.prompt))
        if pose.prompt
        else _panel_pose_job(shot, panel, cutout, clean.cutout_of(next(coming)))
        for pose in poses
        for panel, cutout in zip(shot.panels, own, strict=True)
    ]


def make_panel_pose(artifacts: Artifacts, *, cutout: CutoutRef, other: CutoutRef, balloons: list[Balloon]) -> Made:
    """Keep a cutout with another panel in its place."""
    own, came = clean.open_cutout(artifacts, *cutout), clean.open_cutout(artifacts, *other)
    pixels = lay_panel(own, came, balloons)
    changed = as_image((pixels[..., :3] != own.pixels[..., :3]).any(axis=2) * 255)
    return clean.keep_cutout(artifacts, Cutout(pixels, own.box), changed)


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    cutout: CutoutRef,
    balloons: list[Balloon],
    box: Box | None,
    prompt: str,
    references: list[backend_jobs.Reference],
    seed: int,
    words: str = "",
) -> Made:
    """Redraw one cutout, and keep it with the mask of all its pixels that are not the page's."""
    opened = clean.open_cutout(artifacts, *cutout)
    before = np.zeros(opened.pixels.shape[:2], np.uint8) if opened.redrawn is None else opened.redrawn
    mask = editable_mask(opened, balloons, None if box is None else Box(*box))
    if not mask.any():
        return clean.keep_cutout(artifacts, opened, before)
    colour = np.ascontiguousarray(opened.pixels[..., :3])
    redrawer = prompt_encoding.with_prompt_embeds(artifacts, load_redrawer(backend, **options), words)
    images = backend_jobs.open_references(artifacts, references)
    redrawn = redrawer.redraw(colour, mask, prompt=prompt, references=images, seed=seed)
    changed = as_image((redrawn != colour).any(axis=2) * 255)
    pixels = np.dstack([redrawn, opened.pixels[..., 3]])
    return clean.keep_cutout(artifacts, Cutout(pixels, opened.box), np.maximum(before, changed))


def _panel_pose_job(shot: ShotToFilm, panel: Panel, cutout: CutoutRef, other: CutoutRef) -> Job:
    """Return the job that lays another panel in the place of one."""
    arguments = {"cutout": cutout, "other": other, "balloons": clean.plain_balloons(shot, panel)}
    key = content_key("redraw", "panel pose", PANEL_POSE_VERSION, **arguments)
    return Job(key, "redraw", f"{shot.id} {panel.id} pose", make_panel_pose, arguments)


def _redraw_job(context: RunContext, resolved: ResolvedShot, panel: Panel, cutout: CutoutRef, redraw: Redraw) -> Job:
    """Return the job that redraws one panel."""
    shot = resolved.shot
    arguments = {
        "cutout": cutout,
        "balloons": clean.plain_balloons(shot, panel),
        "box": redraw.box,
        "prompt": redraw.prompt,
        "references": backend_jobs.choose_references(context, shot),
        "seed": shot.plan.seed,
    }
    label = f"{shot.id} {panel.id} redrawn"
    return backend_jobs.build_job(context, "redraw", shot.backends.redraw, label, make, arguments, redraw=VERSION)
