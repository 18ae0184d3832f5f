"""Judge the takes of every shot by their measures, then by the critic, and decide which shots are filmed again."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from typing import cast

from agents.executors import Job
from agents.fallback_ladder import Attempt, attempts_for, uses_models
from agents.looks import find_bare_panels
from agents.resolved_shot import ResolvedShot, Step, current_round, find_takes, make_steps
from agents.review import best_of, critic, fidelity
from agents.review.best_of import CandidateSet, TakeCandidate
from agents.review.verdicts import MeasuredVerdict, attempt_after, judge_shot
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from agents.stages import composite
from agents.state import StageFailure, State, failure_message
from storage.artifacts import Artifacts
from storage.domain import Box, CameraKey, Ease, Made, VideoFormat
from storage.keys import content_key
from storage.records import Verdict
from tools import png
from tools.measuring import measures

MOVED_BY_EFFECTS = ("drifting", "jump")
"""Measures of the camera that a shot with effects does not have: its picture moves in itself, or is shaken."""
VERSION = 2
"""Raised when the measures of a segment change: part of the content key."""
REDUCED_FIELDS = ("not_animated", "stills", "fallbacks", "not_filmed")
"""Fields of the state that say why a shot is not filmed as planned."""


def run(context: RunContext, state: State) -> State:
    """Judge every take of this round; a shot whose takes are rejected gets its next attempt, while it has one."""
    current = current_round(context, state)
    measure(context, current.shots)
    refused, judged, cases = dict(state.get("failures", {})), dict[str, MeasuredVerdict](), list[CandidateSet]()
    takes = [resolved.take.id for resolved in current.shots if resolved.take is not None]
    last = context.library.latest_verdicts(takes, "measures")
    for group in current.groups:
        name = group[0].shot.id
        outcomes = [_candidate_of(resolved) for resolved in group]
        verdicts = [
            (outcome, _judge(context, outcome, last.get(outcome.take.id)))
            for outcome in outcomes
            if isinstance(outcome, TakeCandidate)
        ]
        failures = [outcome for outcome in outcomes if isinstance(outcome, dict)]
        approved = [outcome for outcome, verdict in verdicts if verdict.decision == "approve"]
        if approved:
            refused.pop(name, None)
            cases.append(best_of.rank_candidates(approved, len(group)))
        elif verdicts:
            judged[name] = verdicts[0][1]
            refused[name] = {"stage": "review", "reason": judged[name].reason}
        elif failures:
            refused[name] = failures[0]
        else:
            refused.setdefault(name, {"stage": "review", "reason": "there is nothing to review"})
    critic_outcome = critic.review_takes(context, cases)
    return _with_critic_retakes(
        _reject_shots(context, state, [group[0].shot for group in current.groups], refused, judged), critic_outcome
    )


def measure(context: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Measure every segment and its fidelity to its panel, unless that was done already."""
    composite.resolve_segments(context, shots)
    find_takes(context, [resolved for resolved in shots if resolved.take is None])
    filmed = [
        (resolved, fidelity.fidelity_jobs(context, resolved), jobs(context, resolved))
        for resolved in shots
        if resolved.take is not None
    ]
    known = context.library.find_many(job.key for _, *both in filmed for some in both for job in some or ())
    unmeasured = [resolved for resolved, _, measuring in filmed if any(job.key not in known for job in measuring or ())]
    bare = _find_bare_panels(context, [resolved.shot for resolved in unmeasured])
    wanted: list[tuple[ResolvedShot, Step, Sequence[Job] | None]] = []
    for resolved, fidelity_jobs, measuring in filmed:
        wanted.append((resolved, "fidelity", fidelity_jobs))
        wanted.append((resolved, "review", [_with_bareness(job, resolved.shot, bare) for job in measuring or ()]))
    make_steps(context, "review", wanted, known)


def _find_bare_panels(context: RunContext, shots: Sequence[ShotToFilm]) -> dict[str, bool]:
    """Return which panels on the pages of these shots are bare, where that is known; no page is decoded for it."""
    book, needed = shots[0].transcript if shots else None, {shot.plan.page for shot in shots}
    return find_bare_panels(context, [page for page in book.pages if page.index in needed]) if book else {}


def _with_bareness(job: Job, shot: ShotToFilm, bare: Mapping[str, bool]) -> Job:
    """Add what is known of its panels to a job that measures a segment, so that it needs no page."""
    known = [bare[panel.id] for panel in shot.panels if panel.id in bare]
    is_bare = all(known) if len(known) == len(shot.panels) else None
    group = shot.page.artifact if is_bare is None else ""
    return replace(job, arguments={**job.arguments, "bare": is_bare}, group=group)


def make(
    artifacts: Artifacts,
    *,
    segment: str,
    page: str,
    panels: list[Box],
    screen: VideoFormat,
    frames: int,
    camera: list[CameraKey],
    ease: Ease,
    bare: bool | None = None,
    unjudged: Collection[str] = (),
) -> Made:
    """Measure one segment.

    `bare` says whether its panels hold no picture; None finds that out from the page. `unjudged` are the measures that
    are left out of the facts.
    """
    found = measures.measure_segment(artifacts.open(segment), screen=screen, frames=frames, camera=camera, ease=ease)
    if bare is None:
        pixels = png.read_cached(artifacts.open(page))
        bare = all(measures.is_bare(pixels, box) for box in panels)
    if bare:
        # a white or black beat is the artist's, not a fault of the take, and no camera can be seen to move over it
        found |= {"black": 0.0, "empty": 0.0, "frozen": 0.0}
    return Made(facts={name: value for name, value in found.items() if name not in unjudged})


def jobs(context: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """Return the job that measures a shot's segment; None while the segment is missing."""
    shot, made = resolved.shot, resolved.segment
    if made is None:
        return None
    screen = context.settings.screen
    arguments = {
        "segment": made.artifacts["segment"].sha256,
        "page": shot.page.artifact,
        "panels": [panel.box for panel in shot.panels],
        "screen": screen,
        "frames": screen.frame_count(shot.plan.seconds),
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
    }
    if shot.plan.render_options.effects or resolved.jobs("faces"):
        arguments["unjudged"] = list(MOVED_BY_EFFECTS)
    key = content_key("review", "measures", VERSION, **arguments)
    return [Job(key, "review", shot.id, make, arguments)]


def _candidate_of(resolved: ResolvedShot) -> TakeCandidate | StageFailure | None:
    """Return the shot's take with its measures, or why it could not be measured; None where there is no take."""
    if resolved.take is None:
        return None
    fidelity_results, measured = resolved.complete("fidelity"), resolved.complete("review")
    if fidelity_results is None or measured is None:
        failures = [resolved.steps[step].failure for step in ("review", "fidelity")]
        return {"stage": "review", "reason": next(filter(None, failures), "")}
    return TakeCandidate(
        resolved.shot, resolved.take, {**measured[0].facts, **fidelity.join_measures(fidelity_results)}
    )


def _judge(context: RunContext, tried: TakeCandidate, last: Verdict | None) -> MeasuredVerdict:
    """Judge a take by its measures, and add the verdict to the history where it differs from the last one."""
    verdict = judge_shot(context, tried.shot.plan, tried.numbers)
    if last is None or (last.decision, last.measures) != (verdict.decision, tried.numbers):
        context.library.add_verdict(tried.take.id, verdict.decision, verdict.reason, tried.numbers)
    return verdict


def _with_critic_retakes(state: State, outcome: critic.CriticOutcome) -> State:
    """Add the critic's retakes to the state: their plan is new, so they begin at the first attempt."""
    attempts = {name: count for name, count in state["attempts"].items() if name not in outcome.retakes}
    return {
        **state, "attempts": attempts, "retakes": [*state["retakes"], *outcome.retakes], "questions": outcome.questions,
    }  # fmt: skip


def _reject_shots(
    context: RunContext,
    state: State,
    shots: list[ShotToFilm],
    refused: dict[str, StageFailure],
    judged: dict[str, MeasuredVerdict],
) -> State:
    """Return the state with the next attempt of every rejected shot."""
    attempts, retakes = dict(state.get("attempts", {})), []
    reasons = {name: dict(cast(dict[str, dict[str, str]], state).get(name, {})) for name in REDUCED_FIELDS}
    for shot in shots:
        if (failure := refused.get(shot.id)) is None:
            continue
        context.library.add_failure(shot.id, failure["stage"], failure["reason"])
        next_number = attempt_after(context, shot, failure["stage"], judged.get(shot.id))
        for field in reasons.values():
            field.pop(shot.id, None)
        reason = failure_message(failure)
        if next_number is None:
            reasons["not_filmed"][shot.id] = reason
            context.note("review", f"{shot.id} is lost: {reason}")
            continue
        attempts[shot.id] = next_number
        retakes.append(shot.id)
        if reduced := _reduced_field(context, attempts_for(context, shot.plan)[next_number]):
            reasons[reduced][shot.id] = reason
        context.note("review", f"{shot.id} goes round again: {reason}")
    return cast(State, {"attempts": attempts, "retakes": retakes, "failures": {}, **reasons})


def _reduced_field(context: RunContext, attempt: Attempt) -> str:
    """Return the field of the state that says why a shot is filmed with less than was planned; "" where it is not."""
    if attempt.plain_page or not attempt.without_motion:
        return "fallbacks" if attempt.plain_page else ""
    return "not_animated" if uses_models(context, attempt.backends) else "stills"
