"""Measure with the film's likeness model whether models drew a figure twice, or gave one another face.

Only where a model measures likeness: histograms of tones cannot tell a face from its surroundings. What exceeds the
model's own bound is a fault of the take, as any other measure.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from agents import backend_jobs
from agents.executors import Job
from agents.resolved_shot import ResolvedShot
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.artifacts import Artifacts
from storage.domain import Box, Made
from storage.settings import Options
from tools import backends, png
from tools.geometry import overlap_area
from tools.likeness import load_likeness_measure
from tools.measuring.figures import lowest_likeness, strongest_double
from tools.pixels import to_mask
from tools.plates import Image
from tools.video import lossless

VERSION = 1
"""The version of how figures are compared: part of the content key."""


def figure_jobs(
    context: RunContext, resolved: ResolvedShot, plate: Mapping[str, Any], *, painted: bool, animated: bool
) -> list[Job]:
    """Return the job that compares the figures on the last plate of a shot; none where no model could have changed one.

    Args:
        context: The run's context.
        resolved: The shot.
        plate: The last plate and its clip, as in `fidelity.fidelity_jobs`.
        painted: Whether a model painted beyond the panels.
        animated: Whether a model generated frames.
    """
    name = context.settings.backends.likeness
    figures = find_figures(resolved.shot)
    if not figures or not (painted or animated) or not backends.device_model(context.backend("likeness", name)):
        return []
    arguments: dict[str, object] = {"plate": plate["plate"], "box": plate.get("plate_box", plate["box"])}
    arguments |= {"figures": figures, "original": plate["original"] if painted else ""}
    arguments |= {"motion": plate["motion"], "still": plate["still"]} if animated else {"motion": "", "still": True}
    return [
        backend_jobs.build_job(context, "likeness", name, resolved.shot.id, compare_figures, arguments, figures=VERSION)
    ]


def find_figures(shot: ShotToFilm) -> list[Box]:
    """Return where figures are seen in the panels of a shot, in page pixels, the larger part of each within one."""
    return sorted(
        seen.box
        for seen in shot.page_transcript.characters
        if seen.character and any(overlap_area(seen.box, panel.box) > 0.5 * seen.box.area for panel in shot.panels)
    )


def compare_figures(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    plate: str,
    box: list[float],
    figures: list[Box],
    original: str,
    motion: str,
    still: bool,
) -> Made:
    """Compare the figures of a plate; the facts say by how much a measure is beyond what the model calls alike.

    doubled: how much more than that the painted part looks like a figure. unlike: how much less than that a figure
    looks like itself in some frame. Below 0 is no fault.
    """
    likeness = load_likeness_measure(backend, **options)
    picture: Image = png.read_png(artifacts.open(plate))[..., :3]
    placed = [_onto(Box(*one), Box(*box), picture) for one in figures]
    facts: dict[str, float] = {}
    if original:
        mask = to_mask(png.read_png(artifacts.open(original)))
        facts["doubled"] = round(strongest_double(picture, mask, placed, likeness.embed) - likeness.alike, 4)
    if motion:
        frames: Sequence[Image] = (
            [png.read_png(artifacts.open(motion))] if still else list(lossless.read_lossless(artifacts.open(motion)))
        )
        facts["unlike"] = round(likeness.alike - lowest_likeness(frames, picture, placed, likeness.embed), 4)
    return Made(facts=dict(facts))


def _onto(box: Box, plate: Box, pixels: Image) -> Box:
    """Return a box of the page in pixels of a plate."""
    across, down = pixels.shape[1] / plate.width, pixels.shape[0] / plate.height
    return Box(
        (box.x0 - plate.x0) * across, (box.y0 - plate.y0) * down,
        (box.x1 - plate.x0) * across, (box.y1 - plate.y0) * down,
    )  # fmt: skip
