"""Cut the panels of every shot out of their pages and clean them, with a mask of the repainted pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from agents import backend_jobs, prompt_encoding
from agents.executors import Job
from agents.key_poses import pose_panel, poses_to_meet
from agents.resolved_shot import ResolvedShot, begin_round, failed_shots, make_step, resolve_step
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.state import State
from storage.artifacts import Artifacts
from storage.domain import Balloon, Box, Made, Panel
from storage.settings import Options
from tools import png
from tools.clean import load_cleaner
from tools.cutouts.cutting import repainted_mask
from tools.pixels import to_mask
from tools.plates import Cutout, Mask

CutoutRef = tuple[str, Box] | tuple[str, Box, str]
"""The hash of a cutout, its box on the page, and the hash of its mask of repainted pixels, where it has one."""
VERSION = 1
"""Raised when a cutout is kept, or its repainted pixels are found, differently: part of the content key."""


def run(context: RunContext, state: State) -> State:
    """Encode the film's prompts, then cut out every panel that a shot shows; shots of one panel share the cutout."""
    current = begin_round(context, state)
    prompt_encoding.encode_prompts(context, [group[0].shot for group in current.groups])
    make_cutouts(context, current.shots)
    return {"failures": failed_shots(state, "clean", current.groups, "cutouts", "pose_cutouts")}


def resolve_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Resolve the cutouts of shots. Makes nothing."""
    resolve_step(context, shots, "cutouts", jobs)
    resolve_step(context, shots, "pose_cutouts", pose_jobs)


def make_cutouts(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Make the missing cutouts."""
    make_step(context, "clean", shots, "cutouts", jobs)
    make_step(context, "clean", shots, "pose_cutouts", pose_jobs)


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job]:
    """Return one job for each panel of the shot."""
    return [_clean_job(context, resolved.shot, panel) for panel in resolved.shot.panels]


def pose_jobs(context: RunContext, resolved: ResolvedShot) -> list[Job]:
    """Return one job for each other panel that the drawing of the shot comes to; its balloons are taken off it."""
    shot = resolved.shot
    panels = [pose_panel(shot, pose) for pose in poses_to_meet(context, shot)]
    return [_pose_job(context, shot, panel) for panel in panels if panel is not None]


def make(
    artifacts: Artifacts,
    *,
    backend: str,
    options: Options,
    page: str,
    panel: Panel,
    others: list[Panel],
    balloons: list[Balloon],
    remove: list[str],
    seed: int,
    words: str = "",
) -> Made:
    """Cut out one panel and keep it with its box on the page, and a mask of repainted pixels where there are any."""
    cleaner = prompt_encoding.with_prompt_embeds(artifacts, load_cleaner(backend, **options), words)
    pixels = png.read_cached(artifacts.open(page))
    cutout = cleaner.clean(pixels, panel, others=others, balloons=balloons, remove=frozenset(remove), seed=seed)
    return keep_cutout(artifacts, cutout, repainted_mask(cutout, pixels))


def keep_cutout(artifacts: Artifacts, cutout: Cutout, repainted: Mask) -> Made:
    """Keep a cutout with its box on the page, and the mask of its repainted pixels where there are any."""
    kept = {"cutout": artifacts.keep(png.encode_png(cutout.pixels), "image/png")}
    if repainted.any():
        kept["redrawn"] = artifacts.keep(png.encode_png(repainted), "image/png")
    return Made(artifacts=kept, facts={"box": list(cutout.box)})


def cutout_of(made: Made) -> CutoutRef:
    """Return the reference to a cutout that was made."""
    box = made.facts["box"]
    assert isinstance(box, list)
    reference = made.artifacts["cutout"].sha256, Box(*box)
    redrawn = made.artifacts.get("redrawn")
    return (*reference, redrawn.sha256) if redrawn else reference


def open_cutout(artifacts: Artifacts, cutout: str, box: Box, redrawn: str = "") -> Cutout:
    """Open the cutout of a `CutoutRef`."""
    pixels = png.read_png(artifacts.open(cutout))
    return Cutout(pixels, Box(*box), to_mask(png.read_png(artifacts.open(redrawn))) if redrawn else None)


def plain_balloons(shot: ShotToFilm, panel: Panel) -> list[Balloon]:
    """Return the balloons in a panel of a shot with nothing but their shapes, in an order that renaming keeps."""
    return [
        Balloon(id="", order=0, box=b.box, outline=b.outline, kind=b.kind, vertical=b.vertical)
        for b in sorted(shot.balloons_of(panel), key=lambda b: (b.box, b.kind))
    ]


def _pose_job(context: RunContext, shot: ShotToFilm, panel: Panel) -> Job:
    """Return the job that cuts out another panel of the page, without its balloons."""
    page = shot.page_transcript
    others = tuple(other for other in page.panels if other.id != panel.id)
    balloons = tuple(balloon for balloon in page.balloons if balloon.panel == panel.id)
    clean: Sequence[str] = (*shot.plan.render_options.clean, "balloons", "lettering")
    options = shot.plan.render_options.model_copy(update={"clean": tuple(dict.fromkeys(clean))})
    plan = shot.plan.model_copy(update={"panels": (panel.id,), "balloons": (), "render_options": options})
    return _clean_job(context, replace(shot, plan=plan, panels=(panel,), others=others, balloons=balloons), panel)


def _clean_job(context: RunContext, shot: ShotToFilm, panel: Panel) -> Job:
    """Return the job that cuts out one panel."""
    backend = shot.backends.clean
    # only what the picture depends on: another text, order or name must not make the cutout stale, hence the sorting
    plain_panel = Panel(id="", order=0, box=panel.box, polygon=panel.polygon)
    others = [
        Panel(id="", order=0, box=other.box, polygon=other.polygon)
        for other in sorted(shot.others, key=lambda other: (other.box, other.polygon))
    ]
    arguments = {
        "page": shot.page.artifact,
        "panel": plain_panel,
        "others": others,
        "balloons": plain_balloons(shot, panel),
        "remove": sorted(shot.plan.render_options.clean),
        "seed": shot.plan.seed if context.generates("clean", backend) else 0,
    }
    job = backend_jobs.build_job(context, "clean", backend, f"{shot.id} {panel.id}", make, arguments, clean=VERSION)
    return replace(job, group=shot.page.artifact)
