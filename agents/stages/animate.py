"""Plates in, plates that move by themselves out."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from agents import making
from agents.executors import Job
from agents.shots import Shot, in_force, make_for_shots, standing
from agents.stages import outpaint
from agents.state import State
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.settings import Options
from storage.shapes import Box, Facts, Made
from tools import backends, lossless, png
from tools.animate import Worded
from tools.plates import Motion, Plate


def run(shop: Workshop, state: State) -> State:
    """Give every plate its motion. All words come first where the encoder may sleep then."""
    deaf = {shot.id: words for shot in in_force(shop, state) if (words := _words(shop, shot))}
    shop.make("animate", deaf.values())
    return make_for_shots(shop, state, "animate", jobs)


def jobs(shop: Workshop, shot: Shot) -> list[Job] | None:
    """One job for each plate; None while a plate is missing. While the shot's words are not encoded: that job."""
    plates = standing(shop, outpaint.jobs(shop, shot))
    if plates is None:
        return None
    words = _words(shop, shot)
    if words is None:
        return [_job(shop, shot, plate, "") for plate in plates]
    heard = shop.library.find_made(words.key)
    return [_job(shop, shot, plate, heard.artifacts["words"].sha256) for plate in plates] if heard else [words]


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
    words: str,
    references: list[making.Reference],
    seed: int,
) -> Made:
    """Animate one plate. A still keeps the plate's own bytes; frames are kept as a lossless clip."""
    given = Plate(png.read(artifacts.open(plate)), Box(*box), png.read(artifacts.open(original)))
    looked_at, animator = making.opened(artifacts, references), backends.load("animate", backend, **options)
    motion: Motion
    if words:
        said = artifacts.open(words).read_bytes()
        motion = animator.film(given, seconds=seconds, words=said, references=looked_at, seed=seed)
    else:
        motion = animator.animate(given, seconds=seconds, prompt=prompt, references=looked_at, seed=seed)
    facts: Facts = {"box": list(motion.box), "frames": len(motion.frames), "rate": float(motion.rate)}
    if len(motion.frames) == 1:
        same = np.shares_memory(motion.frames, given.pixels)
        data = artifacts.open(plate).read_bytes() if same else png.encode(motion.frames[0])
        return Made(artifacts={"motion": artifacts.keep(data, "image/png")}, facts=facts)
    path = artifacts.temporary(".mkv")
    lossless.write(motion.frames, rate=motion.rate, path=path)
    return Made(artifacts={"motion": artifacts.keep(path, "video/x-matroska")}, facts=facts)


def encode(artifacts: Artifacts, *, backend: str, options: Options, prompt: str) -> Made:
    """Encode one prompt and keep it."""
    words: bytes = backends.load("animate", backend, **options).encode(prompt)
    return Made(artifacts={"words": artifacts.keep(words, "application/octet-stream")})


def _words(shop: Workshop, shot: Shot) -> Job | None:
    """The job that encodes a shot's words; None where the backend does not encode apart."""
    name = shot.backends.animate
    animator = shop.backend("animate", name)
    if not isinstance(animator, Worded):
        return None
    asked = making.job(shop, "animate", name, f"{shot.id} words", encode, {"prompt": shot.plan.prompt})
    return replace(asked, model=animator.hearing)


def _job(shop: Workshop, shot: Shot, plate: Made, words: str) -> Job:
    plan, name = shot.plan, shot.backends.animate
    generates = shop.generates("animate", name)
    arguments = {
        "plate": plate.artifacts["plate"].sha256,
        "original": plate.artifacts["original"].sha256,
        "box": plate.facts["box"],
        "seconds": plan.seconds if generates else 0.0,
        "prompt": plan.prompt if generates and not words else "",
        "words": words,
        "references": making.references(shop, shot) if generates else [],
        "seed": plan.seed if generates else 0,
    }
    return making.job(shop, "animate", name, shot.id, make, arguments)
