"""Make the plates of every shot, which extend the cutouts to all that the camera will see."""

from __future__ import annotations

import math
from collections.abc import Sequence

from agents import backend_jobs, prompt_encoding
from agents.executors import Job
from agents.fallback_ladder import max_generated
from agents.resolved_shot import (
    ResolvedShot,
    Step,
    StepResult,
    current_round,
    failed_shots,
    make_steps,
    resolve_step,
)
from agents.run_context import RunContext
from agents.shots import ShotToFilm, union_of
from agents.stages import clean
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Box, Made
from storage.keys import code_versions, content_key
from storage.settings import Backends, Options
from tools import png
from tools.cutouts.backgrounds import hide_later_panels
from tools.measuring import fidelity
from tools.outpaint import load_outpainter
from tools.plates import Cutout, Image, Mask, Plate

CutoutRef = tuple[str, Box] | tuple[str, Box, str]
SURELY = 0.01  # over the bound, so that what is measured afterwards cannot be within it
VERSION = 1
"""Raised when a plate, or its map of original pixels, is kept otherwise than before: part of the content key."""
WAITING_VERSION = 1
"""Raised when `make_waiting` makes another plate than before: part of the content key."""
MARGIN = 2.0  # page pixels beyond the camera's field, so that resampling never reads past the plate


def run(ctx: RunContext, state: State) -> State:
    """Make the plates of every shot: one, or one more for each panel that is revealed."""
    under_way = current_round(ctx, state)
    make_plates(ctx, under_way.shots)
    spared = _spared(ctx, [group[0] for group in under_way.groups])
    return {"broken": failed_shots(state, "outpaint", under_way.groups, "ground", "plates"), "spared": spared}


def resolve_plates(ctx: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Find the plates of shots, and what they start from."""
    clean.resolve_cutouts(ctx, shots)
    resolve_step(ctx, shots, "ground", ground_jobs)
    resolve_step(ctx, shots, "plates", jobs)


def make_plates(ctx: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the plates that are missing where the cutouts are there; what a model paints for several of them first."""
    clean.resolve_cutouts(ctx, shots)
    wanted: list[tuple[ResolvedShot, Step, Sequence[Job] | None]] = []
    for resolved in shots:
        if ground := ground_jobs(ctx, resolved):
            wanted.append((resolved, "ground", ground))
        else:
            resolved.keep("ground", StepResult(None if ground is None else ()))
            wanted.append((resolved, "plates", jobs(ctx, resolved)))
    make_steps(ctx, "outpaint", wanted)
    if painted_once := [resolved for resolved, step, _ in wanted if step == "ground"]:
        make_steps(ctx, "outpaint", [(resolved, "plates", jobs(ctx, resolved)) for resolved in painted_once])


def ground_jobs(ctx: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """The job of the plate on which all panels stand, where a model paints it once for all; None without cutouts."""
    cutouts = _cutouts(resolved)
    if cutouts is None:
        return None
    name = _painter(ctx, resolved.shot, cutouts)
    return [_job(ctx, resolved.shot, name, cutouts, len(cutouts))] if _painted_once(ctx, resolved.shot, name) else []


def jobs(ctx: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """One job for each plate of the shot; None while a cutout is missing, or what a model paints for all of them."""
    shot, cutouts, ground = resolved.shot, _cutouts(resolved), resolved.jobs("ground")
    if cutouts is None or ground is None:
        return None
    earlier = range(1, len(cutouts)) if shot.plan.reveals else ()
    if ground:
        if (painted := resolved.complete("ground")) is None:
            return None
        return [*(_waiting(shot, cutouts, painted[0], revealed) for revealed in earlier), *ground]
    name = _painter(ctx, shot, cutouts)
    return [_job(ctx, shot, name, cutouts, revealed) for revealed in (*earlier, len(cutouts))]


def painter(resolved: ResolvedShot) -> str:
    """Who continues the picture: nobody paints what cannot keep to the bound on what models may draw.

    The backend that the shot asks for while its plates cannot be known.
    """
    jobs = resolved.jobs("plates")
    return str(jobs[-1].arguments["backend"]) if jobs else resolved.shot.backends.outpaint


def _painter(ctx: RunContext, shot: ShotToFilm, cutouts: list[CutoutRef]) -> str:
    plain = Backends().outpaint
    return plain if _beyond(ctx, shot, cutouts) > max_generated(ctx, shot.plan) + SURELY else shot.backends.outpaint


def _bounded(ctx: RunContext, shot: ShotToFilm) -> bool:
    """Whether a model is to paint around the panels, and may not draw all."""
    return max_generated(ctx, shot.plan) < 1 and ctx.generates("outpaint", shot.backends.outpaint)


def _beyond(ctx: RunContext, shot: ShotToFilm, cutouts: list[CutoutRef]) -> float:
    """The share of the shot that a model would have to paint around the panels, as far as it matters; else 0."""
    if not cutouts or not _bounded(ctx, shot):
        return 0.0
    return fidelity.share_beyond([one[1] for one in cutouts], _field(shot), shot.plan.camera, shot.plan.ease)


def _spared(ctx: RunContext, shots: Sequence[ResolvedShot]) -> dict[str, str]:
    """Why no model paints around the panels of a shot that asks for one, by shot."""
    found = dict[str, str]()
    for resolved in shots:
        shot = resolved.shot
        if painter(resolved) != shot.backends.outpaint:
            found[shot.id] = (
                f"{_beyond(ctx, shot, _cutouts(resolved) or []):.0%} of its picture lies beyond its panels, and "
                f"models may draw {max_generated(ctx, shot.plan):.0%}: continued without one"
            )
    return found


def _cutouts(resolved: ResolvedShot) -> list[CutoutRef] | None:
    """The panels of the shot as they are cut out; None while one is missing."""
    return None if resolved.cutouts is None else [cutout_of(made) for made in resolved.cutouts]


def cutout_of(made: Made) -> CutoutRef:
    """A cutout's artifact and place, and the map of what was painted in it, where anything was."""
    box = made.facts["box"]
    assert isinstance(box, list)
    place = made.artifacts["cutout"].sha256, Box(*box)
    redrawn = made.artifacts.get("redrawn")
    return (*place, redrawn.sha256) if redrawn else place


def open_cutout(artifacts: Artifacts, cutout: str, box: Box, redrawn: str = "") -> Cutout:
    """The cutout that `cutout_of` names."""
    pixels = png.read_png(artifacts.open(cutout))
    return Cutout(pixels, Box(*box), to_mask(png.read_png(artifacts.open(redrawn))) if redrawn else None)


def to_mask(mask: Image) -> Mask:
    """A mask as it was kept, (h, w)."""
    return mask[..., 0] if mask.ndim == 3 else mask


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
    references: list[backend_jobs.Reference],
    seed: int,
    words: str = "",
) -> Made:
    """Make one plate; keep it beside the map of the artist's own pixels."""
    cut = [open_cutout(artifacts, *one) for one in cutouts]
    looked_at = backend_jobs.open_references(artifacts, references)
    outpainter = prompt_encoding.with_prompt_embeds(artifacts, load_outpainter(backend, **options), words)
    plate = outpainter.outpaint(
        cut, field, revealed=revealed, fill=fill, prompt=prompt, references=looked_at, seed=seed
    )
    return _kept(artifacts, plate)


def make_waiting(
    artifacts: Artifacts, *, plate: str, original: str, cutouts: list[CutoutRef], box: list[float], revealed: int
) -> Made:
    """Make the plate before all its panels came, from the one on which they stand."""
    pixels, own = png.read_png(artifacts.open(plate)), to_mask(png.read_png(artifacts.open(original)))
    cut = [open_cutout(artifacts, *one) for one in cutouts]
    return _kept(artifacts, hide_later_panels(Plate(pixels, Box(*box), own), cut, revealed=revealed))


def _kept(artifacts: Artifacts, plate: Plate) -> Made:
    return Made(
        artifacts={
            "plate": artifacts.keep(png.encode_png(plate.pixels), "image/png"),
            "original": artifacts.keep(png.encode_png(plate.original), "image/png"),
        },
        facts={"box": list(plate.box)},
    )


def _painted_once(ctx: RunContext, shot: ShotToFilm, name: str) -> bool:
    """Whether panels appear on a ground that a model paints: it paints it once."""
    return bool(shot.plan.reveals) and ctx.generates("outpaint", name)


def _waiting(shot: ShotToFilm, cutouts: list[CutoutRef], painted: Made, revealed: int) -> Job:
    arguments = {
        "plate": painted.artifacts["plate"].sha256,
        "original": painted.artifacts["original"].sha256,
        "cutouts": cutouts,
        "box": painted.facts["box"],
        "revealed": revealed,
    }
    key = content_key("outpaint", "waiting", WAITING_VERSION, **arguments, **code_versions(outpaint=VERSION))
    return Job(key, "outpaint", f"{shot.id} plate {revealed}", make_waiting, arguments)


def _field(shot: ShotToFilm) -> Box:
    """All that the camera sees, and a little more."""
    seen = union_of([key.box for key in shot.plan.camera])
    low = [math.floor(edge - MARGIN) for edge in (seen.x0, seen.y0)]
    high = [math.ceil(edge + MARGIN) for edge in (seen.x1, seen.y1)]
    return Box(*low, *high)


def _job(ctx: RunContext, shot: ShotToFilm, name: str, cutouts: list[CutoutRef], revealed: int) -> Job:
    plan = shot.plan
    generates = ctx.generates("outpaint", name)
    arguments = {
        "cutouts": cutouts,
        "field": _field(shot),
        "revealed": revealed,
        "fill": plan.render_options.outpaint.fill,
        "prompt": shot.outpaint_prompt if generates else "",
        "references": backend_jobs.choose_references(ctx, shot) if generates else [],
        "seed": plan.seed if generates else 0,
    }
    return backend_jobs.build_job(
        ctx, "outpaint", name, f"{shot.id} plate {revealed}", make, arguments, outpaint=VERSION
    )
