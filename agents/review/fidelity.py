"""Measure how much of a shot is the artist's own drawing, and how far its animated frames drift from their plates."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from itertools import pairwise
from typing import Any, TypedDict

import numpy as np

from agents.executors import Job
from agents.face_exposure import PatchPlace, face_arguments, patch_places
from agents.motion_effects import EffectArguments, bind_effects, effect_arguments
from agents.resolved_shot import ResolvedShot, resolve_step
from agents.review import figures
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import clean, composite, layers, outpaint
from storage.artifacts import Artifacts
from storage.domain import Box, CameraKey, Ease, Facts, Made, VideoFormat
from storage.keys import code_versions, content_key
from tools import png
from tools.composite import PlacedEffect
from tools.measuring import fidelity
from tools.measuring.drawn_pixels import find_drawn_pixels
from tools.measuring.fidelity import PROVENANCE_TONES
from tools.pixels import as_image, to_mask
from tools.plates import Image, Mask, Motion, Plate
from tools.video import lossless, pixel_protection
from tools.video.camera_path import camera_at

VERSION = 3
"""The version of the provenance maps and their shares: part of the content key."""
DRIFT = 2
"""The version of how the drift of frames is measured: part of the content key."""
FILL_MOMENTS = 9
"""Moments of a shot at which is looked what a moved ground shows from behind its figures."""
MOVING = ("motion", "rate", "still", "keys", "lines", "plate_box")
"""Facts about the clip on a plate that do not change whose pixels are whose."""


class Drawing(TypedDict):
    """The effects of a shot, whose drops and flakes are not the artist's, nor what is seen from behind figures."""

    effects: EffectArguments
    seconds: float
    screen: VideoFormat


def resolve_fidelity(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the fidelity of shots and the steps before it. Makes nothing."""
    composite.resolve_segments(context, shots)
    resolve_step(context, shots, "fidelity", fidelity_jobs)


def fidelity_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the jobs that measure a shot: whose pixels it shows, then the drift of each clip.

    None while an earlier step is missing. The drift of a clip is measured once, whatever happens to the camera and the
    balloons. Whose pixels a shot shows is the same for all clips of its plates that move in the same places.
    """
    shot, cut, plates, moved = resolved.shot, resolved.cutouts, resolved.plates, resolved.motions
    if cut is None or plates is None or moved is None:
        return None
    given = [
        {
            **motion,
            "plate": made.artifacts["plate"].sha256,
            "original": made.artifacts["original"].sha256,
            "box": made.facts["box"],
        }
        for motion, made in zip(composite.layer_motions(shot, plates, moved), plates, strict=True)
    ]
    arguments: dict[str, object] = {
        "cutouts": [clean.cutout_of(made) for made in cut],
        "plates": [_without_clip(one) for one in given],
        # where a panel is redrawn, what was cleaned off it counts as a model's as well
        "cleaned": bool(resolved.jobs("redrawn")) or context.generates("clean", shot.backends.clean),
        "continued": context.generates("outpaint", outpaint.painter(resolved)),
        "starts": list(shot.plan.reveals) or [0.0],
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
    }
    if (effects := effect_arguments(context, shot, composite.FADE_SECONDS, layers.planes_of(resolved))) is not None:
        screen = context.settings.screen
        arguments["drawing"] = {"effects": effects, "seconds": shot.plan.seconds, "screen": screen}
    if resolved.jobs("colored"):
        before, after = resolved.complete("cutouts") or (), resolved.panel_cutouts or ()
        arguments["colored"] = [
            (clean.cutout_of(grey), clean.cutout_of(made)) for grey, made in zip(before, after, strict=True)
        ]
    faces = face_arguments(context, shot, resolved.complete("faces") or (), composite.FADE_SECONDS)
    arguments |= {"faces": patch_places(faces)} if faces else {}
    key = content_key("fidelity", "measures", VERSION, **arguments, **code_versions(keeping=pixel_protection.VERSION))
    drifts = [_drift_job(shot, one) for one in given if _is_animated(one) and "under" not in one]
    compared = figures.figure_jobs(
        context, resolved, given[-1], painted=bool(arguments["continued"]), animated=_is_animated(given[-1])
    )
    return [Job(key, "fidelity", shot.id, make, arguments), *drifts, *compared]


def make(
    artifacts: Artifacts,
    *,
    cutouts: list[clean.CutoutRef],
    plates: list[dict[str, Any]],
    cleaned: bool,
    continued: bool,
    starts: list[float],
    camera: list[CameraKey],
    ease: Ease,
    drawing: Drawing | None = None,
    colored: Sequence[tuple[clean.CutoutRef, clean.CutoutRef]] = (),
    faces: Sequence[PatchPlace] = (),
) -> Made:
    """Keep a provenance map of every plate; the facts are the shares, 0..1, of what the camera shows.

    Where panels were coloured, `coloured` is the share of the artist's pixels with a model's hues. Their tones are the
    artist's, so they count as original, and no limit on what models generate holds for them.
    """
    cut = [clean.open_cutout(artifacts, *cutout) for cutout in cutouts]
    first = len(cut) - len(plates) + 1
    charts = list[Mask]()
    for revealed, plate in enumerate(plates, start=first):
        shown, under = composite.plates_of(artifacts, plate)
        made = fidelity.provenance_map(
            shown.original, shown.box, cut, revealed=revealed, cleaned=cleaned, continued=continued
        )
        if plate["moved"]:
            made = fidelity.with_generated_motion(
                made,
                pixel_protection.protection_mask(
                    shown, plate.get("keep", ()), under, composite.stirs_of(artifacts, plate)
                ),
            )
        charts.append(made)
    boxes = [Box(*plate["box"]) for plate in plates]
    patches = [(artifacts.open(patch), Box(*place), layer) for patch, place, layer in faces]
    charts = [
        fidelity.with_fills(
            chart, box, [(png.read_png(path)[..., 3], place) for path, place, layer in patches if layer <= number],
            "inpainted",
        )
        for number, (chart, box) in enumerate(zip(charts, boxes, strict=True))
    ]  # fmt: skip
    drawn = None
    if drawing and plates:
        placed = _place_effects(artifacts, shown, camera, ease, drawing)
        fills = [fill for one in placed for fill in _shown_fills(one, camera, ease, drawing)]
        charts = [fidelity.with_fills(chart, box, fills) for chart, box in zip(charts, boxes, strict=True)]
        drawn = partial(find_drawn_pixels, placed, camera, ease, drawing["screen"], drawing["seconds"])
    seen = fidelity.provenance_shares(charts, boxes, starts, camera, ease, drawn)
    if colored:
        masks = [_coloured_mask(artifacts, before, after) for before, after in colored]
        hued = [fidelity.coloured_chart(chart, box, masks) for chart, box in zip(charts, boxes, strict=True)]
        seen["coloured"] = fidelity.provenance_shares(hued, boxes, starts, camera, ease, drawn)["original"]
    kept = {f"map{number}": artifacts.keep(png.encode_png(made), "image/png") for number, made in enumerate(charts)}
    return Made(artifacts=kept, facts={name: round(value, 4) for name, value in seen.items()})


def _coloured_mask(artifacts: Artifacts, before: clean.CutoutRef, after: clean.CutoutRef) -> tuple[Mask, Box]:
    """Return a mask of what was coloured of a cutout, with its box."""
    grey, made = clean.open_cutout(artifacts, *before), clean.open_cutout(artifacts, *after)
    return as_image((grey.pixels[..., :3] != made.pixels[..., :3]).any(axis=2) * 255), made.box


def _place_effects(
    artifacts: Artifacts, plate: Plate, camera: Sequence[CameraKey], ease: Ease, drawing: Drawing
) -> list[PlacedEffect]:
    """Return the effects of a shot on its last plate."""
    motion = Motion(plate.pixels[np.newaxis], plate.box, 1.0)
    return bind_effects(
        motion, camera, drawing["seconds"], drawing["screen"], drawing["effects"], ease=ease, artifacts=artifacts
    )


def _shown_fills(
    placed: PlacedEffect, camera: Sequence[CameraKey], ease: Ease, drawing: Drawing
) -> Iterator[tuple[Mask, Box]]:
    """Yield where a moved ground shows what nobody drew, with its box in page pixels; nothing for other effects."""
    if placed.ground is None:
        return
    frames, moves = drawing["screen"].frame_count(drawing["seconds"]), []
    for t in np.linspace(placed.start, 1.0, FILL_MOMENTS):
        shift = placed.effect.ground_shift(round(float(t) * (frames - 1)))
        moves += [(shift, camera_at(camera, float(t), ease))] if shift else []
    yield placed.ground.shown_fill(moves), placed.ground.box


def measure_clip(artifacts: Artifacts, *, plate: str, motion: str, still: bool, keys: Sequence[float] = ()) -> Made:
    """Measure how far the frames of a clip drift from their plate, or from the nearest of their key pictures."""
    path = artifacts.open(motion)
    frames: list[Image] = [png.read_png(path)] if still else list(lossless.read_lossless(path))
    if keys:
        found = _measure_between_keys(frames, [round(number) for number in keys])
    else:
        found = fidelity.measure_drift(frames, png.read_png(artifacts.open(plate)))
    return Made(facts={name: round(value, 4) for name, value in found.items()})


def _measure_between_keys(frames: Sequence[Image], keys: Sequence[int]) -> dict[str, float]:
    """Return the worst measures of the frames around each key picture, compared with that picture."""
    middles = [(one + other + 1) // 2 for one, other in pairwise(keys)]
    parts = zip([0, *middles], [*middles, len(frames)], keys, strict=True)
    measured = [fidelity.measure_drift(frames[begin:end], frames[key]) for begin, end, key in parts if end > begin]
    return {name: max(one[name] for one in measured) for name in measured[0]}


def join_measures(measured: Sequence[Made]) -> Facts:
    """Return what the jobs of one shot measured; of several clips the largest value of each measure."""
    found: dict[str, float] = {}
    for name, value in (pair for made in measured for pair in made.facts.items()):
        found[name] = max(float(str(value)), found.get(name, 0.0))
    return dict(found)


def shares_of(resolved: ResolvedShot) -> Made | None:
    """Return the measured shares of whose pixels a shot shows; None where they were not measured.

    The shot's fidelity must be resolved.
    """
    step = resolved.steps.get("fidelity")
    return step.made[0] if step and step.made else None


def provenance_of_shot(context: RunContext, resolved: ResolvedShot) -> tuple[Image, Mask, dict[str, float]] | None:
    """Return the plate with all panels of a shot, the map of whose pixels it has, and the shares of the shot.

    The shot's fidelity must be resolved; None where it was not measured yet.
    """
    made, jobs = shares_of(resolved), resolved.jobs("fidelity")
    if made is None or not jobs:
        return None
    plates, opened = jobs[0].arguments["plates"], context.library.artifacts.open
    chart = png.read_png(opened(made.artifacts[f"map{len(plates) - 1}"].sha256))
    shares = {name: float(str(made.facts[name])) for name in PROVENANCE_TONES}
    return png.read_png(opened(plates[-1]["plate"])), to_mask(chart), shares


def generated_share(measured: Made | None) -> float | None:
    """Return the share, 0..1, of what the camera shows that a model generated; None where it was not measured."""
    if measured is None or not set(PROVENANCE_TONES) <= set(measured.facts):
        return None
    return fidelity.generated_share({name: float(str(measured.facts[name])) for name in PROVENANCE_TONES})


def _is_animated(plate: Mapping[str, object]) -> bool:
    """Return whether a model generated frames over a plate."""
    return bool(plate["motion"] != plate["plate"])


def _without_clip(plate: Mapping[str, object]) -> dict[str, object]:
    """Return a plate's arguments without those of its clip."""
    return {name: value for name, value in plate.items() if name not in MOVING} | {"moved": _is_animated(plate)}


def _drift_job(shot: ShotToFilm, plate: Mapping[str, object]) -> Job:
    """Return the job that measures the drift of one clip."""
    clip = {name: plate[name] for name in ("plate", "motion", "still", "keys") if name in plate}
    return Job(content_key("fidelity", "drift", DRIFT, **clip), "fidelity", shot.id, measure_clip, clip)
