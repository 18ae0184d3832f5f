"""Cutouts in, plates out that fill all the camera will see of a shot."""

from __future__ import annotations

import math

from agents import hearing, making
from agents.executors import Job
from agents.shots import Shot, around, make_for_shots, standing
from agents.stages import clean
from agents.state import State
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.settings import Options
from storage.shapes import Box, Made
from tools import png
from tools.plates import Cutout, Plate

MARGIN = 2.0  # page pixels beyond the camera's field, so that resampling never reads past the plate


def run(shop: Workshop, state: State) -> State:
    """Make the plates of every shot: one, or one more for each panel that is revealed."""
    return make_for_shots(shop, state, "outpaint", jobs)


def jobs(shop: Workshop, shot: Shot) -> list[Job] | None:
    """One job for each plate of the shot; None while a cutout is missing."""
    cut = standing(shop, clean.jobs(shop, shot))
    if cut is None:
        return None
    cutouts = [_place(made) for made in cut]
    counts = range(1, len(cutouts) + 1) if shot.plan.reveals else [len(cutouts)]
    return [_job(shop, shot, cutouts, revealed) for revealed in counts]


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    cutouts: list[tuple[str, Box]],
    field: Box,
    revealed: int,
    fill: str,
    prompt: str,
    references: list[making.Reference],
    seed: int,
    words: str = "",
) -> Made:
    """Make one plate; keep it beside the map of the artist's own pixels."""
    cut = [Cutout(png.read(artifacts.open(sha)), box) for sha, box in cutouts]
    looked_at = making.opened(artifacts, references)
    plate: Plate = hearing.opened(artifacts, "outpaint", backend, options, words).outpaint(
        cut, field, revealed=revealed, fill=fill, prompt=prompt, references=looked_at, seed=seed
    )
    return Made(
        artifacts={
            "plate": artifacts.keep(png.encode(plate.pixels), "image/png"),
            "original": artifacts.keep(png.encode(plate.original), "image/png"),
        },
        facts={"box": list(plate.box)},
    )


def _place(made: Made) -> tuple[str, Box]:
    box = made.facts["box"]
    assert isinstance(box, list)
    return made.artifacts["cutout"].sha256, Box(*box)


def _job(shop: Workshop, shot: Shot, cutouts: list[tuple[str, Box]], revealed: int) -> Job:
    plan, name = shot.plan, shot.backends.outpaint
    generates = shop.generates("outpaint", name)
    seen = around([key.box for key in plan.camera])
    low = [math.floor(edge - MARGIN) for edge in (seen.x0, seen.y0)]
    high = [math.ceil(edge + MARGIN) for edge in (seen.x1, seen.y1)]
    field = Box(*low, *high)
    arguments = {
        "cutouts": cutouts,
        "field": field,
        "revealed": revealed,
        "fill": plan.treatment.outpaint.fill,
        "prompt": shot.prompt if generates else "",
        "references": making.references(shop, shot) if generates else [],
        "seed": plan.seed if generates else 0,
    }
    return making.job(shop, "outpaint", name, f"{shot.id} plate {revealed}", make, arguments)
