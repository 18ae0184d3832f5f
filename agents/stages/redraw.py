"""Let an image editor change the panels of the shots that ask for it, in words; balloons and lettering stay."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents import backend_jobs, prompt_encoding, shot_references
from agents.executors import Job
from agents.fallback_ladder import wants_color
from agents.key_poses import poses_to_meet
from agents.moving_faces import describe_still_faces, faces_to_move
from agents.resolved_shot import ResolvedShot, current_round, failed_shots, make_step, resolve_step
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.speaking_faces import SpeakingFace, drawings_of
from agents.stages import clean, color
from agents.stages.clean import CutoutRef
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Artifact, Balloon, Box, Facts, Made, Panel, Redraw
from storage.keys import content_key
from storage.settings import Backends, Options
from tools import png
from tools.cutouts import face_drawings
from tools.cutouts.cutting import editable_mask
from tools.cutouts.face_drawings import FacePatch
from tools.cutouts.posed_plates import lay_panel
from tools.locate import NotLocated, load_locator
from tools.pixels import as_image, to_mask
from tools.plates import Cutout
from tools.redraw import load_redrawer

VERSION = 1
"""Raised when a redrawn cutout is kept differently, or other pixels of it may change: part of the content key."""

FACE_VERSION = 1
"""Raised when the mouths and eyes of a face are kept differently: part of the content key."""

PANEL_POSE_VERSION = 1
"""Raised when a panel is laid in the place of another differently: part of the content key."""


def run(context: RunContext, state: State) -> State:
    """Redraw the panels of every shot whose plan says so."""
    current = current_round(context, state)
    make_cutouts(context, current.shots)
    failures = failed_shots(state, "redraw", current.groups, "redrawn", "poses", "face_drawings", "faces")
    reasons = {group[0].shot.id: _as_drawn_reasons(context, group[0]) for group in current.groups}
    unchanged = {shot: "; ".join(said) for shot, said in reasons.items() if said}
    return {"failures": failures, "not_redrawn": unchanged}


def resolve_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the redrawn cutouts of shots and the cutouts before them. Makes nothing."""
    color.resolve_cutouts(context, shots)
    resolve_step(context, shots, "places", place_jobs)
    resolve_step(context, shots, "redrawn", jobs)
    resolve_step(context, shots, "poses", pose_jobs)
    resolve_step(context, shots, "face_drawings", face_drawing_jobs)
    resolve_step(context, shots, "faces", face_jobs)


def make_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing redrawn cutouts of the shots whose cutouts exist."""
    color.resolve_cutouts(context, shots)
    make_step(context, "redraw", shots, "places", place_jobs)
    make_step(context, "redraw", shots, "redrawn", jobs)
    make_step(context, "redraw", shots, "poses", pose_jobs)
    make_step(context, "redraw", shots, "face_drawings", face_drawing_jobs)
    make_step(context, "redraw", shots, "faces", face_jobs)


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return one job for each panel of a shot that is redrawn, none where it is not, or what it changes is not there.

    None while a cutout or a place in it is missing. A panel outside the part that may change passes through its job,
    and no model looks at it.
    """
    redraw = _wanted_change(resolved)
    if redraw is None or unchanged_reason(resolved):
        return []
    cutouts, places = resolved.panel_cutouts, resolved.complete("places")
    if cutouts is None or places is None:
        return None
    masks: list[str | None] = [_mask_of(made) for made in places] or [None] * len(cutouts)
    return [
        _redraw_job(context, resolved, panel, clean.cutout_of(made), redraw, mask)
        for panel, made, mask in zip(resolved.shot.panels, cutouts, masks, strict=True)
    ]


def place_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return one job for each panel in which a model has to find what is changed; none where a box says it.

    None while a cutout is missing.
    """
    redraw = _wanted_change(resolved)
    if redraw is None or not redraw.thing:
        return []
    shot, cutouts = resolved.shot, resolved.panel_cutouts
    if cutouts is None:
        return None
    return [
        backend_jobs.build_job(
            context, "locate", shot.backends.locate, f"{shot.id} {panel.id} {redraw.thing}", locate,
            {"cutout": clean.cutout_of(made), "thing": redraw.thing},
        )
        for panel, made in zip(shot.panels, cutouts, strict=True)
    ]  # fmt: skip


def unchanged_reason(resolved: ResolvedShot) -> str:
    """Return why the drawing of a shot is not changed though its plan says so: nothing in it is what words name."""
    places = resolved.complete("places")
    if not places or any(_mask_of(made) for made in places):
        return ""
    redraw = resolved.shot.plan.render_options.redraw
    assert redraw is not None
    if resolved.shot.backends.locate == Backends().locate:
        return f'no model of this film finds "{redraw.thing}": name a place or a box, or a profile with [locate]'
    return f'"{redraw.thing}" was not found in it: name a place or a box'


def uncoloured_reason(context: RunContext, shot: ShotToFilm) -> str:
    """Return why the grey panels of a shot stay grey though it is to be in colours: the film has nothing for it."""
    if not wants_color(context, shot.plan) or context.settings.backends.color != Backends().color:
        return ""
    return "no model of this film colours panels: it needs a profile with [color]"


def _as_drawn_reasons(context: RunContext, resolved: ResolvedShot) -> list[str]:
    """Return why a shot is as it was drawn though its plan says otherwise: in its panels, its colours and its faces."""
    shot, faces = resolved.shot, resolved.complete("faces") or ()
    reasons = unchanged_reason(resolved) or uncoloured_reason(context, shot), describe_still_faces(context, shot, faces)
    return [reason for reason in reasons if reason]


def locate(artifacts: Artifacts, *, backend: str, options: Options, cutout: CutoutRef, thing: str) -> Made:
    """Find what words name in one cutout, and keep its mask; that it is not there is kept too, so it is sought once."""
    colour = np.ascontiguousarray(clean.open_cutout(artifacts, *cutout).pixels[..., :3])
    found = load_locator(backend, **options).locate(colour, thing)
    facts: Facts = {"score": round(found.score, 4)}
    if isinstance(found, NotLocated) or not found.mask.any():
        return Made(facts=facts)
    return Made(artifacts={"mask": artifacts.keep(png.encode_png(found.mask), "image/png")}, facts=facts)


def pose_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the job of each panel of the shot in each of its key poses; None while a cutout is missing."""
    shot, poses = resolved.shot, poses_to_meet(context, resolved.shot)
    if not poses:
        return []
    cutouts, others = resolved.cutouts, resolved.pose_cutouts
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


def face_drawing_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the jobs that draw other mouths and eyes, face by face; None while a cutout is missing."""
    shot, faces = resolved.shot, faces_to_move(context, resolved.shot)
    if not faces:
        return []
    if (cutouts := resolved.cutouts) is None:
        return None
    return [
        _redraw_job(context, resolved, panel, cutout, Redraw(prompt=prompt, box=face.box))
        for face in faces
        for panel, cutout in [_panel_of(shot, face, cutouts)]
        for prompt in drawings_of(face).values()
    ]


def face_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the job that takes the mouths and the eyes of each face from its drawings; None while one is missing."""
    shot, faces = resolved.shot, faces_to_move(context, resolved.shot)
    cutouts, drawn = resolved.cutouts, resolved.complete("face_drawings")
    if not faces:
        return []
    if cutouts is None or drawn is None:
        return None
    found, coming = list[Job](), iter(drawn)
    for face in faces:
        panel, cutout = _panel_of(shot, face, cutouts)
        arguments = {
            "cutout": cutout, "balloons": clean.plain_balloons(shot, panel), "box": face.box,
            "drawings": {name: clean.cutout_of(next(coming)) for name in drawings_of(face)},
        }  # fmt: skip
        key = content_key("redraw", "face", FACE_VERSION, **arguments, patches=face_drawings.VERSION)
        found.append(Job(key, "redraw", f"{shot.id} {panel.id} face", make_face, arguments))
    return found


def make_face(
    artifacts: Artifacts, *, cutout: CutoutRef, balloons: list[Balloon], box: Box, drawings: dict[str, CutoutRef]
) -> Made:
    """Keep the mouths and the eyes that other drawings of a face show; the facts say why one is not used."""
    own = clean.open_cutout(artifacts, *cutout)
    before = np.ascontiguousarray(own.pixels[..., :3])
    mask = editable_mask(own, balloons, Box(*box))
    found = {
        name: face_drawings.find_patch(
            before, clean.open_cutout(artifacts, *drawn).pixels[..., :3], mask, own.box,
            "eyes" if name == "blink" else "mouth",
        )
        for name, drawn in drawings.items()
    }  # fmt: skip
    facts: Facts = {}
    kept = dict[str, Artifact]()
    for name, one in face_drawings.settle_patches(found).items():
        facts[f"{name}_share"] = round(one.share, 4)
        if isinstance(one, FacePatch):
            facts[f"{name}_box"] = list(one.box)
            kept[name] = artifacts.keep(png.encode_png(one.pixels), "image/png")
        else:
            facts[f"{name}_refused"] = one.kind
    return Made(artifacts=kept, facts=facts)


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
    references: list[shot_references.Reference],
    seed: int,
    words: str = "",
    place: str | None = None,
) -> Made:
    """Redraw one cutout, and keep it with the mask of all its pixels that are not the page's."""
    opened = clean.open_cutout(artifacts, *cutout)
    before = np.zeros(opened.pixels.shape[:2], np.uint8) if opened.redrawn is None else opened.redrawn
    mask = editable_mask(opened, balloons, None if box is None else Box(*box))
    if place is not None:  # "" where what is changed is in another panel
        located = to_mask(png.read_png(artifacts.open(place))) if place else np.zeros_like(mask)
        mask = np.minimum(mask, located)
    if not mask.any():
        return clean.keep_cutout(artifacts, opened, before)
    colour = np.ascontiguousarray(opened.pixels[..., :3])
    redrawer = prompt_encoding.with_prompt_embeds(artifacts, load_redrawer(backend, **options), words)
    images = shot_references.open_references(artifacts, references)
    redrawn = redrawer.redraw(colour, mask, prompt=prompt, references=images, seed=seed)
    changed = as_image((redrawn != colour).any(axis=2) * 255)
    pixels = np.dstack([redrawn, opened.pixels[..., 3]])
    return clean.keep_cutout(artifacts, Cutout(pixels, opened.box), np.maximum(before, changed))


def _panel_of(shot: ShotToFilm, face: SpeakingFace, cutouts: Sequence[Made]) -> tuple[Panel, CutoutRef]:
    """Return the panel of a face, and its cutout."""
    pairs = zip(shot.panels, cutouts, strict=True)
    return next((panel, clean.cutout_of(made)) for panel, made in pairs if panel.id == face.panel)


def _panel_pose_job(shot: ShotToFilm, panel: Panel, cutout: CutoutRef, other: CutoutRef) -> Job:
    """Return the job that lays another panel in the place of one."""
    arguments = {"cutout": cutout, "other": other, "balloons": clean.plain_balloons(shot, panel)}
    key = content_key("redraw", "panel pose", PANEL_POSE_VERSION, **arguments)
    return Job(key, "redraw", f"{shot.id} {panel.id} pose", make_panel_pose, arguments)


def _wanted_change(resolved: ResolvedShot) -> Redraw | None:
    """Return what is changed in the drawing of a shot; None where nothing is, or no model does it."""
    shot = resolved.shot
    return None if shot.backends.redraw == Backends().redraw else shot.plan.render_options.redraw


def _mask_of(located: Made) -> str:
    """Return the hash of the mask of what was found; "" where it was not."""
    return located.artifacts["mask"].sha256 if "mask" in located.artifacts else ""


def _redraw_job(
    context: RunContext,
    resolved: ResolvedShot,
    panel: Panel,
    cutout: CutoutRef,
    redraw: Redraw,
    place: str | None = None,
) -> Job:
    """Return the job that redraws one panel.

    `place` is the hash of the mask of what may change, "" where none of it is in this panel; None where a box says it.
    """
    shot = resolved.shot
    arguments: dict[str, object] = {
        "cutout": cutout,
        "balloons": clean.plain_balloons(shot, panel),
        "box": redraw.box,
        "prompt": redraw.prompt,
        "references": shot_references.choose_references(context, shot),
        "seed": shot.plan.seed,
    }
    if place is not None:
        arguments["place"] = place
    label = f"{shot.id} {panel.id} redrawn"
    return backend_jobs.build_job(
        context, "redraw", shot.backends.redraw, label, make, arguments,
        shot.plan.characters, redraw=VERSION,
    )  # fmt: skip
