"""Find out once a round what the stages have made for each shot and what is still missing, for all shots together.

A shot is filmed in steps that build on each other: its panels are cut out, the plate is painted around them, the plate
is animated, and the camera films it. The content key of a step contains what the step before it made, so the steps
are resolved one after the other, each for all shots at once: one look-up in the library serves the whole film.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, get_args

from agents.executors import Job
from agents.run_context import RunContext
from agents.shots import ShotToFilm, shots_to_film, with_candidates
from agents.state import StageFailure, State
from storage.domain import Made
from storage.records import Take
from storage.settings import Settings

Step = Literal[
    "cutouts",
    "pose_cutouts",
    "tones",
    "colored_references",
    "colored",
    "places",
    "redrawn",
    "poses",
    "face_drawings",
    "faces",
    "ground",
    "plates",
    "upscaled_page",
    "upscaled_plates",
    "motions",
    "planes",
    "segment",
    "fidelity",
    "review",
]
"""What is made for a shot, in order. `tones` say what of its cutouts and references is grey, where it is coloured,
`colored_references` are portraits of its characters in colours, and `colored` its cutouts and pose cutouts in colours,
where any of them is grey; `places` are what words name in its cutouts, `redrawn` its cutouts with what an
image editor changed, where it is asked to; `ground` is the one picture that a model paints for several plates;
`upscaled_page` and `upscaled_plates` are made where it magnifies its page and an upscaler is chosen; `pose_cutouts` are
other panels that its drawing comes to, and `poses` its cutouts as they are then, one pose after the other;
`face_drawings` are cutouts with other mouths and eyes, and `faces` what is taken of them for each face that speaks;
`planes` where an effect moves the ground of a panel behind its figures.
"""
STEPS: tuple[Step, ...] = get_args(Step)


@dataclass(frozen=True)
class StepResult:
    """The jobs of one step of a shot, and what each of them has made."""

    jobs: tuple[Job, ...] | None = None
    """None where they cannot be known, because something that they start from is missing."""
    made: tuple[Made | None, ...] = ()
    """The result of each job, in the order of `jobs`; None for one that is missing."""
    failure: str = ""
    """Why the first of the jobs that failed in this round did so; "" where none failed."""

    @property
    def complete(self) -> tuple[Made, ...] | None:
        """All results of the step; None while any is missing."""
        results = tuple(made for made in self.made if made is not None)
        return results if self.jobs is not None and len(results) == len(self.jobs) else None


UNKNOWN_RESULT = StepResult()
"""The result of a step whose jobs cannot be known."""


@dataclass
class ResolvedShot:
    """A shot as it is filmed in this round, with the results of its steps."""

    shot: ShotToFilm
    steps: dict[Step, StepResult] = field(default_factory=dict)
    """The steps that were resolved so far."""
    take: Take | None = None
    """The take of its segment, once it was looked up."""

    def jobs(self, step: Step) -> tuple[Job, ...] | None:
        """Return the jobs of a step; None where they cannot be known yet."""
        return self.steps.get(step, UNKNOWN_RESULT).jobs

    def complete(self, step: Step) -> tuple[Made, ...] | None:
        """Return all results of a step; None while any of them is missing."""
        return self.steps.get(step, UNKNOWN_RESULT).complete

    @property
    def cutouts(self) -> tuple[Made, ...] | None:
        """The cutouts of its panels, with what is redrawn in them; None while any is missing."""
        return self.panel_cutouts if self.jobs("redrawn") == () else self.complete("redrawn")

    @property
    def panel_cutouts(self) -> tuple[Made, ...] | None:
        """The cutouts of its panels before they are redrawn, in colours where they get any; None if one is missing."""
        if self.jobs("colored") == ():
            return self.complete("cutouts")
        coloured = self.complete("colored")
        return None if coloured is None else coloured[: len(self.shot.panels)]

    @property
    def pose_cutouts(self) -> tuple[Made, ...] | None:
        """The cutouts of other panels that its drawing comes to, coloured as its own; None while any is missing."""
        if self.jobs("colored") == ():
            return self.complete("pose_cutouts")
        coloured = self.complete("colored")
        return None if coloured is None else coloured[len(self.shot.panels) :]

    @property
    def plates(self) -> tuple[Made, ...] | None:
        """The plates that it is filmed from, upscaled where it magnifies its page; None while any is missing."""
        return self.complete("plates" if self.jobs("upscaled_plates") == () else "upscaled_plates")

    @property
    def page_plates(self) -> tuple[Made, ...] | None:
        """Its plates at the scale of the page, from which models animate; None while any is missing."""
        return self.complete("plates")

    @property
    def motions(self) -> tuple[Made, ...] | None:
        """The animation of each plate; None while any is missing."""
        return self.complete("motions")

    @property
    def segment(self) -> Made | None:
        """Its segment of film; None while it is missing."""
        made = self.complete("segment")
        return made[0] if made else None

    @property
    def key(self) -> str:
        """The content key of its segment; "" while that cannot be known."""
        jobs = self.jobs("segment")
        return jobs[0].key if jobs else ""

    def store(self, step: Step, result: StepResult) -> None:
        """Store the result of a step, and forget the steps after it, which start from its results."""
        self.steps[step] = result
        for later in STEPS[STEPS.index(step) + 1 :]:
            self.steps.pop(later, None)


JobsOf = Callable[[RunContext, ResolvedShot], Sequence[Job] | None]
"""The jobs of a step for a shot whose earlier steps are resolved; None where they cannot be known."""


def resolve_step(context: RunContext, shots: Iterable[ResolvedShot], step: Step, jobs_of: JobsOf) -> None:
    """Resolve a step of every shot that has not resolved it yet, with one look-up for all of them. Makes nothing.

    Args:
        context: The run's context.
        shots: The shots; their earlier steps are resolved.
        step: The step.
        jobs_of: Returns the jobs of the step for one shot.
    """
    shot_jobs = [(shot, jobs_of(context, shot)) for shot in shots if step not in shot.steps]
    keys = {job.key for _, jobs in shot_jobs for job in jobs or ()}
    found = context.library.find_many(keys) if keys else {}
    for shot, jobs in shot_jobs:
        shot.store(step, _step_result(jobs, found, {}))


def make_steps(
    context: RunContext,
    stage: str,
    shot_jobs: Iterable[tuple[ResolvedShot, Step, Sequence[Job] | None]],
    known: Mapping[str, Made] | None = None,
) -> None:
    """Make the missing results of a step of each shot, all in one batch, and store them with the shots.

    A job that fails leaves its step incomplete, with its reason in `StepResult.failure`.

    Args:
        context: The run's context.
        stage: The stage under whose name progress is reported.
        shot_jobs: Each shot with the step to make and the jobs of that step; None where they cannot be known.
        known: The results that the library has, by content key, where they were looked up already.

    Raises:
        StorageError: Results cannot be kept any more.
    """
    listed = list(shot_jobs)
    results = context.make(stage, (job for _, _, jobs in listed for job in jobs or ()), known)
    for shot, step, jobs in listed:
        shot.store(step, _step_result(jobs, results.made, results.failed))


def make_step(
    context: RunContext,
    stage: str,
    shots: Iterable[ResolvedShot],
    step: Step,
    jobs_of: JobsOf,
) -> None:
    """Make the missing results of one step of each shot, whose jobs `jobs_of` returns; otherwise as `make_steps`."""
    make_steps(context, stage, ((shot, step, jobs_of(context, shot)) for shot in shots))


def find_takes(context: RunContext, shots: Iterable[ResolvedShot]) -> None:
    """Look up the takes of the shots whose segment exists, all at once, and store them as `ResolvedShot.take`."""
    filmed = [shot for shot in shots if shot.segment is not None]
    takes = context.library.find_takes([(shot.shot.id, shot.key) for shot in filmed])
    for shot in filmed:
        shot.take = takes.get((shot.shot.id, shot.key))


def _step_result(jobs: Sequence[Job] | None, made: Mapping[str, Made], failed: Mapping[str, str]) -> StepResult:
    """Return the result of a step from what was made and what failed, both by content key."""
    if jobs is None:
        return UNKNOWN_RESULT
    failure = next((failed[job.key] for job in jobs if job.key in failed), "")
    return StepResult(tuple(jobs), tuple(made.get(job.key) for job in jobs), failure)


@dataclass(frozen=True)
class Round:
    """One pass over the stages that film."""

    groups: tuple[tuple[ResolvedShot, ...], ...]
    """Each shot with its candidates after it, in film order."""
    settings: Settings
    """The settings for which the shots were resolved."""
    generation: int
    """The generation of the library for which the shots were resolved."""
    attempts: Mapping[str, int]
    """The attempts, by shot id, for which the shots were resolved."""

    @property
    def shots(self) -> list[ResolvedShot]:
        """All shots and candidates, in film order."""
        return [shot for group in self.groups for shot in group]


def begin_round(context: RunContext, state: State) -> Round:
    """Start a new round: decide which shots are filmed in it, and forget the results of the last one.

    Args:
        context: The run's context, whose `round` is set.
        state: The state of the run: its attempts and lost shots.

    Raises:
        ProjectError: The book was never read, or was read again after the shots were planned.
    """
    groups = tuple(
        tuple(ResolvedShot(shot) for shot in group) for group in with_candidates(context, shots_to_film(context, state))
    )
    context.round = Round(groups, context.settings, context.library.generation, dict(state.get("attempts", {})))
    return context.round


def current_round(context: RunContext, state: State) -> Round:
    """Return the current round with what is known of its shots, without shots that cannot be filmed.

    A new round is started where the settings, the library or the attempts have changed. Raises as `begin_round` does.
    """
    current, not_filmed = context.round, state.get("not_filmed", {})
    if not isinstance(current, Round) or (current.settings, current.generation, current.attempts) != (
        context.settings, context.library.generation, state.get("attempts", {}),
    ):  # fmt: skip
        return begin_round(context, state)
    return Round(
        tuple(group for group in current.groups if group[0].shot.id not in not_filmed),
        current.settings, current.generation, current.attempts,
    )  # fmt: skip


def failed_shots(
    state: State, stage: str, groups: Iterable[Sequence[ResolvedShot]], *steps: Step
) -> dict[str, StageFailure]:
    """Return the state's `failures` together with those that `stage` could not make.

    Args:
        state: The state of the run.
        stage: The stage that made the steps.
        groups: Each shot with its candidates after it.
        steps: The steps that the stage makes.

    Returns:
        The failure of each shot by its id; a shot fails when all its candidates failed.
    """
    failed = dict(state.get("failures", {}))
    for group in groups:
        attempts = [[shot.steps[step].failure for step in steps if shot.jobs(step)] for shot in group]
        reasons = [next(filter(None, candidate), "") for candidate in attempts if candidate]
        if reasons and all(reasons):
            failed[group[0].shot.id] = {"stage": stage, "reason": reasons[0]}
    return failed
