"""Report the take in force for each shot, and whether the shot is stale, as data and as JSON."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from math import gcd
from typing import TYPE_CHECKING, Any

from agents.editing.storyboard import EditableStoryboard
from agents.executors import RefusingExecutor
from agents.resolved_shot import ResolvedShot, Step
from agents.review.verdicts import attempt_after, judge_shot
from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film
from agents.stages import composite
from storage.domain import JsonVersion, ShotPlan, Transcript, VideoFormat
from storage.errors import ProjectError
from storage.records import Take
from storage.settings import Settings

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

_STAGE_OF: dict[Step, str] = {
    "cutouts": "clean", "pose_cutouts": "clean", "tones": "color",
    "colored_references": "color", "colored": "color", "places": "redraw", "redrawn": "redraw", "poses": "redraw",
    "face_drawings": "redraw", "faces": "redraw", "ground": "outpaint", "plates": "outpaint",
    "upscaled_page": "upscale", "upscaled_plates": "upscale",
    "motions": "animate", "planes": "layers", "segment": "composite",
}  # fmt: skip
"""The stage that makes each step of a shot, in the order of the steps."""
ANIMATE_HINT = "run: main.py animate SOURCE"


@dataclass(frozen=True)
class ShotStatus:
    """A resolved shot at the attempt in force, and its take; a shot without a take is stale."""

    resolved: ResolvedShot
    take: Take | None

    @property
    def shot(self) -> ShotToFilm:
        """The shot at the attempt in force."""
        return self.resolved.shot


def read_only_context(library: Library, screen: VideoFormat | None = None) -> RunContext:
    """Return a context that can look up results but runs no job, for `screen` or the project's video format."""
    settings = library.settings() or Settings()
    return RunContext(
        library, settings.model_copy(update={"screen": screen}) if screen else settings, RefusingExecutor()
    )


def shot_statuses(
    library: Library, context: RunContext | None = None, plans: Sequence[ShotPlan] | None = None
) -> list[ShotStatus]:
    """Return the status of all shots of the current storyboard, or of `plans`, in film order.

    A take that breaks a limit, and a shot that failed before it became a take, are replaced by the next attempt,
    exactly as when a film is made with these settings.

    Args:
        library: The open library of the project.
        context: A read-only context to reuse, for callers that look up more than takes.
        plans: The shots to look at; by default those of the current storyboard.

    Raises:
        ProjectError: There is no storyboard, or its pages or panels were read again since it was planned.
    """
    _planned_transcript(library)
    context = context or read_only_context(library)
    found = attempts_in_force(context, library.shots() if plans is None else plans, library.failed_keys())
    # If no attempt is in force, the plan itself is filmed next.
    unfilmed = {item.shot.id for item in found if item.take is None and item.shot.attempt}
    again = [shot for shot in library.shots() if shot.id in unfilmed] if unfilmed else []
    first = (
        {one.shot.id: one for one in composite.resolve_shots(context, shots_to_film(context, {}, again))}
        if again
        else {}
    )
    return [ShotStatus(first[item.shot.id], None) if item.shot.id in first else item for item in found]


def attempts_in_force(context: RunContext, plans: Sequence[ShotPlan], failed: Collection[str] = ()) -> list[ShotStatus]:
    """Find the attempt in force for each of `plans`, or the attempt to film next if none is.

    `failed` are the content keys of jobs that are known to fail.
    """
    found, attempts, left = dict[str, ShotStatus](), dict[str, int](), list(plans)
    while left:
        shots = composite.resolve_shots(context, shots_to_film(context, {"attempts": attempts}, left))
        looked = [ShotStatus(resolved, resolved.take) for resolved in shots]
        measured = context.library.measures(item.take.id for item in looked if item.take)
        found |= {item.shot.id: item for item in looked}
        attempts = {
            item.shot.id: coming
            for item in looked
            if (coming := _next_attempt(context, item, measured, failed)) is not None
        }
        left = [plan for plan in left if plan.id in attempts]
    return list(found.values())


def shots_on_pages(library: Library, transcript: Transcript, plans: Sequence[ShotPlan]) -> list[ShotPlan]:
    """Return those of `plans` whose page is among the project's, and has their panels in `transcript`."""
    pages = {page.index for page in library.pages()}
    panels = {page.index: {panel.id for panel in page.panels} for page in transcript.pages if page.index in pages}
    return [plan for plan in plans if plan.page in panels and panels[plan.page].issuperset(plan.panels)]


def storyboard_data(library: Library, version: JsonVersion = 1) -> dict[str, Any]:
    """Return the storyboard as data for JSON, in one of its versions (docs/json.md)."""
    context = read_only_context(library)
    items, head, screen = shot_statuses(library, context), library.head(), context.settings.screen
    wide, tall = _lowest_terms(screen.width, screen.height)
    plans = {plan.id: plan for plan in library.shots()}
    return {
        "version": version,
        "revision": head.number if head else 0,
        "aspect": f"{wide}:{tall}",
        "fps": screen.fps if isinstance(screen.fps, int) else float(screen.fps),
        "frame_rate": str(screen.fps),
        "shots": [
            {
                **plans[item.shot.id].model_dump(mode="json", by_alias=version == 1),
                "stale": item.take is None,
                "take": item.take.number if item.take else None,
                "fallback": item.shot.fallback,
            }
            for item in items
        ],
    }


def editable_storyboard(library: Library) -> EditableStoryboard:
    """Return the current storyboard in the form that edits change.

    It has the transcript that it was planned from, as what edits say is replayed with that: a run that stops between
    reading and planning leaves a newer one.

    Raises:
        ProjectError: There is no storyboard, or its pages or panels were read again since it was planned.
    """
    transcript, head = _planned_transcript(library), library.head()
    inputs = library.plan_inputs(head.number) if head else None
    if inputs and inputs.pages == library.pages() and inputs.transcript.pages != transcript.pages:
        transcript = inputs.transcript
    gone = {shot.id: shot for shot in library.dropped_shots()}
    return EditableStoryboard(library.shots(), transcript, (library.settings() or Settings()).screen, gone)


def _planned_transcript(library: Library) -> Transcript:
    """Return the transcript, of which the storyboard must be; see `editable_storyboard` for the errors."""
    transcript = library.transcript()
    if library.head() is None or transcript is None:
        raise ProjectError(f"{library.folder} has no storyboard yet", ANIMATE_HINT)
    plans = library.shots()
    if len(shots_on_pages(library, transcript, plans)) < len(plans):
        raise ProjectError(f"the storyboard of {library.folder} is older than what was read", ANIMATE_HINT)
    return transcript


def _next_attempt(
    context: RunContext, item: ShotStatus, measured: Mapping[int, Mapping[str, float]], failed: Collection[str]
) -> int | None:
    """Return the next attempt if the present one failed or breaks a limit; None if it is in force or not yet filmed."""
    if item.take is None:
        stage = _failed_stage(item.resolved, failed)
        return attempt_after(context, item.shot, stage) if stage else None
    if item.take.id not in measured:
        return None
    verdict = judge_shot(
        context, item.shot.plan, measured[item.take.id]
    )  # changes that the critic asks for are a new plan
    return attempt_after(context, item.shot, "review", verdict) if verdict.faults else None


def _failed_stage(resolved: ResolvedShot, failed: Collection[str]) -> str:
    """Return the stage whose job for a shot is known to fail and has no result; "" if there is none."""
    for step, stage in _STAGE_OF.items() if failed else ():
        result = resolved.steps[step]
        missing = {job.key for job, made in zip(result.jobs or (), result.made, strict=True) if made is None}
        if not missing.isdisjoint(failed):
            return stage
        if missing or result.jobs is None:
            break
    return ""


def _lowest_terms(width: int, height: int) -> tuple[int, int]:
    """Return the aspect ratio in lowest terms; a common one if the size differs from it only by rounding."""
    common = gcd(width, height)
    # 1080 high films of odd aspects are rounded to even pixels: say the aspect that was meant
    for wide, tall in ((16, 9), (9, 16), (1, 1), (4, 5)):
        if abs(width - height * wide / tall) <= 2:
            return wide, tall
    return width // common, height // common
