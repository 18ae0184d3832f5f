"""A shot as it is filmed in, whose pixels it shows and how far its frames left the panel out: what review goes by."""

from __future__ import annotations

from typing import Any

from agents.executors import Job
from agents.shots import Shot, standing
from agents.stages import animate, clean, composite, outpaint
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.keys import content_key
from storage.shapes import Box, CameraKey, Ease, Facts, Made
from tools import png
from tools.filming import keeping, lossless
from tools.measuring import fidelity
from tools.measuring.fidelity import TONES
from tools.plates import Image, Mask

VERSION = 2


def job(shop: Workshop, shot: Shot) -> Job | None:
    """The job that measures a shot; None while it is not all made."""
    stages = (clean.jobs(shop, shot), outpaint.jobs(shop, shot), animate.jobs(shop, shot))
    cut, plates, moved = (standing(shop, jobs) for jobs in stages)
    if cut is None or plates is None or moved is None:
        return None
    arguments: dict[str, Any] = {
        "cutouts": [outpaint.cutout_of(made) for made in cut],
        "plates": [
            {
                **motion,
                "plate": made.artifacts["plate"].sha256,
                "original": made.artifacts["original"].sha256,
                "box": made.facts["box"],
            }
            for motion, made in zip(composite.motions(shot, plates, moved), plates, strict=True)
        ],
        "cleaned": shop.generates("clean", shot.backends.clean),
        "continued": shop.generates("outpaint", shot.backends.outpaint),
        "starts": list(shot.plan.reveals) or [0.0],
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
    }
    return Job(content_key("fidelity", "measures", VERSION, **arguments), "fidelity", shot.id, make, arguments)


def make(
    artifacts: Artifacts,
    *,
    cutouts: list[outpaint.Cut],
    plates: list[dict[str, Any]],
    cleaned: bool,
    continued: bool,
    starts: list[float],
    camera: list[CameraKey],
    ease: Ease,
) -> Made:
    """Keep a map of every plate; its facts are the shares of what the camera shows, and the frames' drift."""
    cut = [outpaint.opened(artifacts, *one) for one in cutouts]
    first = len(cut) - len(plates) + 1
    charts, facts = list[Mask](), dict[str, float]()
    for revealed, plate in enumerate(plates, start=first):
        shown, under = composite.plates_of(artifacts, plate)
        made = fidelity.chart(shown.original, shown.box, cut, revealed=revealed, cleaned=cleaned, continued=continued)
        if plate["motion"] != plate["plate"]:
            made = fidelity.moved(made, keeping.held(shown, plate.get("keep", ()), under))
            if under is None:
                found = fidelity.drift(_frames(artifacts, plate), shown.pixels)
                facts = {name: max(value, facts.get(name, 0.0)) for name, value in found.items()}
        charts.append(made)
    seen = fidelity.shares(charts, [Box(*plate["box"]) for plate in plates], starts, camera, ease)
    said: Facts = {name: round(value, 4) for name, value in {**seen, **facts}.items()}
    kept = {f"map{number}": artifacts.keep(png.encode(made), "image/png") for number, made in enumerate(charts)}
    return Made(artifacts=kept, facts=said)


def faults(shop: Workshop, shot: Shot, measured: Made | None) -> list[str]:
    """What is too much of a shot's measures; nothing where nothing was measured, or it is the page itself."""
    if measured is None or shot.still or shot.fallback:
        return []
    wish = shot.plan.treatment.max_generated
    bound = shop.settings.max_generated if wish is None else wish
    numbers = {name: float(value) for name, value in measured.facts.items() if isinstance(value, int | float)}
    return fidelity.faults(numbers, max_generated=bound, max_drift=shop.settings.max_drift)


def drawn(measured: Made | None) -> float | None:
    """The share of what the camera shows that a model drew; None where it was not measured."""
    if measured is None or not set(TONES) <= set(measured.facts):
        return None
    return sum(float(str(measured.facts[name])) for name in ("generated", "inpainted"))


def _frames(artifacts: Artifacts, plate: dict[str, Any]) -> list[Image]:
    path = artifacts.open(plate["motion"])
    return [png.read(path)] if plate["still"] else list(lossless.read(path))
