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

Step = Literal["cutouts", "ground", "plates", "motions", "segment", "fidelity", "review"]
"""What is made for a shot, in order. `ground` is the one picture that a model paints for several plates of a shot."""
STEPS: tuple[Step, ...] = get_args(Step)


@dataclass(frozen=True)
class StepResult:
    """The jobs of one step of a shot, and what each of them has made.

    `jobs` is None where they cannot be known, because something they start from is missing. `made` goes with the jobs,
    None for what is missing; `failure` is why the first of them that was tried in this round failed.
    """

    jobs: tuple[Job, ...] | None = None
    made: tuple[Made | None, ...] = ()
    failure: str = ""

    @property
    def complete(self) -> tuple[Made, ...] | None:
        """All that the step makes; None while anything is missing."""
        there = tuple(made for made in self.made if made is not None)
        return there if self.jobs is not None and len(there) == len(self.jobs) else None


UNKNOWN = StepResult()


@dataclass
class ResolvedShot:
    """A shot as it is filmed in this round, with what is made of it and what is missing.

    `steps` holds those that were resolved so far. `take` is the take of its segment, once it was looked up.
    """

    shot: ShotToFilm
    steps: dict[Step, StepResult] = field(default_factory=dict)
    take: Take | None = None

    def jobs(self, step: Step) -> tuple[Job, ...] | None:
        """The jobs of a step; None where they cannot be known yet."""
        return self.steps.get(step, UNKNOWN).jobs

    def complete(self, step: Step) -> tuple[Made, ...] | None:
        """All that a step makes; None while anything of it is missing."""
        return self.steps.get(step, UNKNOWN).complete

    @property
    def cutouts(self) -> tuple[Made, ...] | None:
        """Its panels, cut out."""
        return self.complete("cutouts")

    @property
    def plates(self) -> tuple[Made, ...] | None:
        """Its plates."""
        return self.complete("plates")

    @property
    def motions(self) -> tuple[Made, ...] | None:
        """The motion of each plate."""
        return self.complete("motions")

    @property
    def segment(self) -> Made | None:
        """Its piece of film."""
        made = self.complete("segment")
        return made[0] if made else None

    @property
    def key(self) -> str:
        """The content key of its segment; "" while that cannot be known."""
        jobs = self.jobs("segment")
        return jobs[0].key if jobs else ""

    def keep(self, step: Step, result: StepResult) -> None:
        """Keep what is known of a step, and forget the steps after it, which start from what it makes."""
        self.steps[step] = result
        for later in STEPS[STEPS.index(step) + 1 :]:
            self.steps.pop(later, None)


JobsOf = Callable[[RunContext, ResolvedShot], Sequence[Job] | None]
"""The jobs of a step for a shot whose earlier steps are resolved; None where they cannot be known."""


def resolve_step(ctx: RunContext, shots: Iterable[ResolvedShot], step: Step, jobs_of: JobsOf) -> None:
    """Work out a step of every shot for which it is not known yet, with one look-up for all of them."""
    wanted = [(shot, jobs_of(ctx, shot)) for shot in shots if step not in shot.steps]
    keys = {job.key for _, jobs in wanted for job in jobs or ()}
    found = ctx.library.find_many(keys) if keys else {}
    for shot, jobs in wanted:
        shot.keep(step, _result(jobs, found, {}))


def make_steps(
    ctx: RunContext,
    stage: str,
    wanted: Iterable[tuple[ResolvedShot, Step, Sequence[Job] | None]],
    known: Mapping[str, Made] | None = None,
) -> None:
    """Make what is missing of a step of each shot, all in one batch, and keep what came of it with the shots.

    `known` is what stands of them, by content key, where they were looked up already.
    """
    listed = list(wanted)
    results = ctx.make(stage, (job for _, _, jobs in listed for job in jobs or ()), known)
    for shot, step, jobs in listed:
        shot.keep(step, _result(jobs, results.made, results.failed))


def find_takes(ctx: RunContext, shots: Iterable[ResolvedShot]) -> None:
    """Look up the takes of the shots whose segment stands, all at once."""
    there = [shot for shot in shots if shot.segment is not None]
    takes = ctx.library.find_takes([(shot.shot.id, shot.key) for shot in there])
    for shot in there:
        shot.take = takes.get((shot.shot.id, shot.key))


def _result(jobs: Sequence[Job] | None, made: Mapping[str, Made], failed: Mapping[str, str]) -> StepResult:
    if jobs is None:
        return UNKNOWN
    failure = next((failed[job.key] for job in jobs if job.key in failed), "")
    return StepResult(tuple(jobs), tuple(made.get(job.key) for job in jobs), failure)


@dataclass(frozen=True)
class Round:
    """One pass over the stages that film: every shot with its rivals after it, in film order.

    `settings`, `generation` (of the library) and `attempts` are what the shots were worked out for.
    """

    groups: tuple[tuple[ResolvedShot, ...], ...]
    settings: Settings
    generation: int
    attempts: Mapping[str, int]

    @property
    def shots(self) -> list[ResolvedShot]:
        """All shots and rivals."""
        return [shot for group in self.groups for shot in group]


def begin_round(ctx: RunContext, state: State) -> Round:
    """Work out anew which shots are filmed in this round, and forget what was known of the last one."""
    groups = tuple(
        tuple(ResolvedShot(shot) for shot in group) for group in with_candidates(ctx, shots_to_film(ctx, state))
    )
    ctx.round = Round(groups, ctx.settings, ctx.library.generation, dict(state.get("attempts", {})))
    return ctx.round


def current_round(ctx: RunContext, state: State) -> Round:
    """The round under way, with what is known of its shots; a new one where none fits the state."""
    there, lost = ctx.round, state.get("lost", {})
    if not isinstance(there, Round) or (there.settings, there.generation, there.attempts) != (
        ctx.settings, ctx.library.generation, state.get("attempts", {}),
    ):  # fmt: skip
        return begin_round(ctx, state)
    return Round(
        tuple(group for group in there.groups if group[0].shot.id not in lost),
        there.settings, there.generation, there.attempts,
    )  # fmt: skip


def failed_shots(
    state: State, stage: str, groups: Iterable[Sequence[ResolvedShot]], *steps: Step
) -> dict[str, StageFailure]:
    """The shots that are `broken` once `stage` has made these steps: those of which all rivals failed."""
    broken = dict(state.get("broken", {}))
    for group in groups:
        tried = [[shot.steps[step].failure for step in steps if shot.jobs(step)] for shot in group]
        failures = [next(filter(None, each), "") for each in tried if each]
        if failures and all(failures):
            broken[group[0].shot.id] = {"stage": stage, "reason": failures[0]}
    return broken
