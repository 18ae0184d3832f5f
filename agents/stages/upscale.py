"""Upscale the plates of shots that magnify their page, out of one upscaled picture of each page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents import backend_jobs
from agents.executors import Job
from agents.resolved_shot import ResolvedShot, current_round, failed_shots, make_step, resolve_step
from agents.run_context import RunContext
from agents.stages import outpaint
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Box, Made
from storage.keys import code_versions, content_key
from storage.settings import Backends, Options
from tools import png
from tools.cutouts import double_scale
from tools.pixels import to_mask
from tools.plates import Plate
from tools.upscale import load_upscaler

VERSION = 1
"""Raised when an upscaled page or plate is kept differently: part of the content keys."""
MAGNIFIED = 1.5
"""Film pixels for each page pixel, at the tightest view of the camera, beyond which a shot is filmed from a plate of
double size. Below it the film would show little of the additional detail.
"""


def run(context: RunContext, state: State) -> State:
    """Upscale the plates of every shot that magnifies its page."""
    current = current_round(context, state)
    make_plates(context, current.shots)
    return {"failures": failed_shots(state, "upscale", current.groups, "upscaled_page", "upscaled_plates")}


def resolve_plates(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the upscaled plates of shots and the steps before them. Makes nothing."""
    outpaint.resolve_plates(context, shots)
    resolve_step(context, shots, "upscaled_page", page_jobs)
    resolve_step(context, shots, "upscaled_plates", jobs)


def make_plates(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing upscaled plates of the shots whose plates exist; a page is upscaled once for all its shots."""
    outpaint.resolve_plates(context, shots)
    make_step(context, "upscale", shots, "upscaled_page", page_jobs)
    make_step(context, "upscale", shots, "upscaled_plates", jobs)


def is_upscaled(context: RunContext, resolved: ResolvedShot) -> bool:
    """Return whether a shot is filmed from an upscaled plate: it magnifies its page, and a backend for it is chosen.

    The default backend needs no plate of its own: the compositor enlarges in the same way, to the size of the film.
    """
    shot = resolved.shot
    tightest = min(key.box.width for key in shot.plan.camera)
    return shot.backends.upscale != Backends().upscale and context.settings.screen.width > MAGNIFIED * tightest


def page_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job]:
    """Return the job that upscales the page of a shot; none where the shot needs it not."""
    if not is_upscaled(context, resolved):
        return []
    shot = resolved.shot
    label, arguments = f"page {shot.plan.page + 1}", {"page": shot.page.artifact}
    return [
        backend_jobs.build_job(
            context, "upscale", shot.backends.upscale, label, make_page, arguments,
            upscale=VERSION, double=double_scale.VERSION,
        )
    ]  # fmt: skip


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return one job for each plate of a shot that is upscaled; None while a plate or the upscaled page is missing."""
    page, plates = resolved.complete("upscaled_page"), resolved.complete("plates")
    if not is_upscaled(context, resolved):
        return []
    if page is None or plates is None:
        return None
    return [_plate_job(resolved, plate, page[0], number) for number, plate in enumerate(plates, start=1)]


def make_page(artifacts: Artifacts, *, backend: str, options: Options, page: str) -> Made:
    """Upscale one page."""
    pixels = png.read_cached(artifacts.open(page))[..., :3]
    double = double_scale.keep_page_tones(load_upscaler(backend, **options).upscale(pixels), pixels)
    return Made(artifacts={"page": artifacts.keep(png.encode_png(double), "image/png")})


def make_plate(artifacts: Artifacts, *, plate: str, original: str, box: list[float], page: str, upscaled: str) -> Made:
    """Make the upscaled plate of one plate."""
    pixels, mask = (png.read_png(artifacts.open(sha)) for sha in (plate, original))
    before = Plate(pixels, Box(*box), to_mask(mask))
    page_pixels, double = (png.read_cached(artifacts.open(sha))[..., :3] for sha in (page, upscaled))
    return outpaint.keep_plate(artifacts, double_scale.double_plate(before, page_pixels, double))


def _plate_job(resolved: ResolvedShot, plate: Made, page: Made, number: int) -> Job:
    """Return the job of one upscaled plate."""
    shot = resolved.shot
    arguments = {
        "plate": plate.artifacts["plate"].sha256,
        "original": plate.artifacts["original"].sha256,
        "box": plate.facts["box"],
        "page": shot.page.artifact,
        "upscaled": page.artifacts["page"].sha256,
    }
    key = content_key("upscale", "plate", VERSION, **arguments, **code_versions(double=double_scale.VERSION))
    job = Job(key, "upscale", f"{shot.id} plate {number}", make_plate, arguments)
    return replace(job, group=shot.page.artifact)
