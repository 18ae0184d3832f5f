"""Animate the plates of every shot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from agents import backend_jobs, prompt_encoding, shot_references
from agents.executors import Job
from agents.key_poses import describe_unmet, poses_to_meet
from agents.resolved_shot import ResolvedShot, current_round, failed_shots, make_step, resolve_step
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import clean, upscale
from agents.stages.clean import CutoutRef
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Box, Facts, Made
from storage.settings import Options
from tools import backends, png
from tools.animate import load_animator
from tools.cutouts.posed_plates import pose_plate
from tools.plates import KeyFrame, Plate
from tools.video import lossless
from tools.video.motion_mask import motion_mask

VERSION = 1
"""Raised when frames, or the mask of what moves in them, are kept differently: part of the content key."""

POSE_VERSION = 1
"""Raised when key pictures are drawn or met differently: part of the content key of shots that have some."""
KeyPicture = tuple[float, list[tuple[CutoutRef, CutoutRef]]]
"""What a shot comes to: the moment as a share of it, and each of its cutouts as it is before and then."""


def run(context: RunContext, state: State) -> State:
    """Animate every plate."""
    current = current_round(context, state)
    make_motions(context, current.shots)
    unmet = {group[0].shot.id: describe_unmet(context, group[0].shot) for group in current.groups}
    return {
        "failures": failed_shots(state, "animate", current.groups, "motions"),
        "unmet_poses": {shot: reason for shot, reason in unmet.items() if reason},
    }


def resolve_motions(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the animations of shots and the steps before them. Makes nothing."""
    upscale.resolve_plates(context, shots)
    resolve_step(context, shots, "motions", jobs)


def make_motions(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing animations of the shots whose plates exist."""
    upscale.resolve_plates(context, shots)
    make_step(context, "animate", shots, "motions", jobs)


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the job of each plate; None while a plate is missing.

    Where a model animates panels that appear one by one, the job is the same for all plates: the plate on which all
    panels stand is animated once, and what has not appeared yet is laid over it. It is animated at the scale of the
    page, so that the clip is the same for every size of the film.
    """
    shot = resolved.shot
    if context.generates("animate", shot.backends.animate):
        drawn, keys = resolved.page_plates, _key_pictures(context, resolved)
        if drawn is None or keys is None:
            return None
        return [_animate_job(context, shot, drawn[-1], keys)] * len(drawn)
    plates = resolved.plates
    return None if plates is None else [_animate_job(context, shot, plate) for plate in plates]


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    plate: str,
    original: str,
    box: list[float],
    seconds: float,
    prompt: str,
    references: list[shot_references.Reference],
    seed: int,
    words: str = "",
    keys: Sequence[KeyPicture] = (),
) -> Made:
    """Animate one plate, through its key pictures if it has any.

    A still keeps the plate's own bytes. Frames are kept as a lossless clip with a mask of the pixels that move.
    """
    source_plate = Plate(png.read_png(artifacts.open(plate)), Box(*box), png.read_png(artifacts.open(original)))
    reference_images = shot_references.open_references(artifacts, references)
    animator = prompt_encoding.with_prompt_embeds(artifacts, load_animator(backend, **options), words)
    given: dict[str, Any] = {
        "seconds": seconds, "prompt": prompt, "references": reference_images, "seed": seed,
        **({"keys": [_open_key(artifacts, source_plate, key) for key in keys]} if keys else {}),
    }  # fmt: skip
    motion = animator.animate(source_plate, **given)
    facts: Facts = {"box": list(motion.box), "frames": len(motion.frames), "rate": float(motion.rate)}
    if motion.keys:
        facts["keys"] = [float(number) for number in motion.keys]
    if len(motion.frames) == 1:
        is_unchanged = np.shares_memory(motion.frames, source_plate.pixels)
        data = artifacts.open(plate).read_bytes() if is_unchanged else png.encode_png(motion.frames[0])
        return Made(artifacts={"motion": artifacts.keep(data, "image/png")}, facts=facts)
    path = artifacts.temporary(".mkv")
    lossless.write_lossless(motion.frames, rate=motion.rate, path=path)
    kept_artifacts = {"motion": artifacts.keep(path, "video/x-matroska")}
    if motion.box == source_plate.box:
        kept_artifacts["stirs"] = artifacts.keep(png.encode_png(motion_mask(motion, source_plate)), "image/png")
    return Made(artifacts=kept_artifacts, facts=facts)


def _key_pictures(context: RunContext, resolved: ResolvedShot) -> list[KeyPicture] | None:
    """Return what the shot comes to: moments, with its cutouts before and then; None while one is missing."""
    poses = poses_to_meet(context, resolved.shot)
    if not poses:
        return []
    before, after = resolved.cutouts, resolved.complete("poses")
    if before is None or after is None:
        return None
    count = len(before)
    own, posed = [clean.cutout_of(made) for made in before], [clean.cutout_of(made) for made in after]
    return [
        (pose.at, list(zip(own, posed[number * count : (number + 1) * count], strict=True)))
        for number, pose in enumerate(poses)
    ]


def _open_key(artifacts: Artifacts, plate: Plate, key: KeyPicture) -> KeyFrame:
    """Return a key picture over the field of its plate."""
    at, poses = key
    opened = [(clean.open_cutout(artifacts, *before), clean.open_cutout(artifacts, *after)) for before, after in poses]
    return KeyFrame(at, pose_plate(plate, opened))


def _animate_job(context: RunContext, shot: ShotToFilm, plate: Made, keys: Sequence[KeyPicture] = ()) -> Job:
    """Return the job that animates one plate."""
    plan, name = shot.plan, shot.backends.animate
    generates = context.generates("animate", name)
    uses_references = generates and backends.uses_references(context.backend("animate", name))
    arguments = {
        "plate": plate.artifacts["plate"].sha256,
        "original": plate.artifacts["original"].sha256,
        "box": plate.facts["box"],
        "seconds": plan.seconds if generates else 0.0,
        "prompt": shot.animate_prompt if generates else "",
        "references": shot_references.choose_references(context, shot) if uses_references else [],
        "seed": plan.seed + plan.render_options.animate.seed_offset if generates else 0,
        **({"keys": list(keys)} if keys else {}),
    }
    versions = {"poses": POSE_VERSION} if keys else {}
    return backend_jobs.build_job(
        context, "animate", name, shot.id, make, arguments, animate=VERSION, lossless=lossless.VERSION, **versions
    )
