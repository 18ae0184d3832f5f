"""Plates in, plates that move by themselves out."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from agents import hearing, making
from agents.executors import Job
from agents.resolved_shot import ResolvedShot, broken_shots, current_round, make_steps, resolve_step
from agents.shots import Shot
from agents.stages import outpaint
from agents.state import State
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.settings import Options
from storage.shapes import Box, Facts, Made
from tools import backends, png
from tools.animate import load_animator
from tools.filming import lossless
from tools.filming.stirring import stirring
from tools.plates import Plate

VERSION = 1
"""Raised when frames, or where they stir, are kept otherwise than before: part of the content key."""


def run(shop: Workshop, state: State) -> State:
    """Give every plate its motion."""
    under_way = current_round(shop, state)
    make_motions(shop, under_way.shots)
    return {"broken": broken_shots(state, "animate", under_way.groups, "motions")}


def resolve_motions(shop: Workshop, shots: Sequence[ResolvedShot]) -> None:
    """Find the motions of shots, and what they start from."""
    outpaint.resolve_plates(shop, shots)
    resolve_step(shop, shots, "motions", jobs)


def make_motions(shop: Workshop, shots: Sequence[ResolvedShot]) -> None:
    """Make the motions that are missing where the plates are there."""
    outpaint.resolve_plates(shop, shots)
    make_steps(shop, "animate", ((shot, "motions", jobs(shop, shot)) for shot in shots))


def jobs(shop: Workshop, resolved: ResolvedShot) -> list[Job] | None:
    """The job of each plate; None while a plate is missing.

    Where a model moves panels that appear one by one, it is the same for all: the picture on which all of them stand
    is moved once, and what has not appeared yet is laid over it.
    """
    shot, plates = resolved.shot, resolved.plates
    if plates is None:
        return None
    if shop.generates("animate", shot.backends.animate):
        return [_job(shop, shot, plates[-1])] * len(plates)
    return [_job(shop, shot, plate) for plate in plates]


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
    references: list[making.Reference],
    seed: int,
    words: str = "",
) -> Made:
    """Animate one plate. A still keeps the plate's own bytes; frames are a lossless clip, with where they stir."""
    given = Plate(png.read(artifacts.open(plate)), Box(*box), png.read(artifacts.open(original)))
    looked_at = making.opened(artifacts, references)
    animator = hearing.with_prompt_embeds(artifacts, load_animator(backend, **options), words)
    motion = animator.animate(given, seconds=seconds, prompt=prompt, references=looked_at, seed=seed)
    facts: Facts = {"box": list(motion.box), "frames": len(motion.frames), "rate": float(motion.rate)}
    if len(motion.frames) == 1:
        same = np.shares_memory(motion.frames, given.pixels)
        data = artifacts.open(plate).read_bytes() if same else png.encode(motion.frames[0])
        return Made(artifacts={"motion": artifacts.keep(data, "image/png")}, facts=facts)
    path = artifacts.temporary(".mkv")
    lossless.write(motion.frames, rate=motion.rate, path=path)
    kept = {"motion": artifacts.keep(path, "video/x-matroska")}
    if motion.box == given.box:
        kept["stirs"] = artifacts.keep(png.encode(stirring(motion, given)), "image/png")
    return Made(artifacts=kept, facts=facts)


def _job(shop: Workshop, shot: Shot, plate: Made) -> Job:
    plan, name = shot.plan, shot.backends.animate
    generates = shop.generates("animate", name)
    looks = generates and backends.uses_references(shop.backend("animate", name))
    arguments = {
        "plate": plate.artifacts["plate"].sha256,
        "original": plate.artifacts["original"].sha256,
        "box": plate.facts["box"],
        "seconds": plan.seconds if generates else 0.0,
        "prompt": shot.moved if generates else "",
        "references": making.references(shop, shot) if looks else [],
        "seed": plan.seed + plan.treatment.animate.again if generates else 0,
    }
    return making.job(shop, "animate", name, shot.id, make, arguments, animate=VERSION, lossless=lossless.VERSION)
