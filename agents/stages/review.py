"""Judge the takes of every shot by their measures, then by the critic, and decide which shots are filmed again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from agents.executors import Job
from agents.fallback_ladder import Attempt, attempts_for, uses_models
from agents.looks import find_bare_panels
from agents.resolved_shot import ResolvedShot, Step, current_round, find_takes, make_steps
from agents.review import best_of, critic, fidelity
from agents.review.best_of import Candidate, CandidateSet
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

VERSION = 2
LESS = ("resting", "stills", "fallbacks", "lost")
"""Where the state says why a shot is not filmed as planned."""


def run(ctx: RunContext, state: State) -> State:
    """Judge every take of this round; what is turned down gets its next attempt, while it has one."""
    under_way = current_round(ctx, state)
    measure(ctx, under_way.shots)
    refused, judged, cases = dict(state.get("broken", {})), dict[str, MeasuredVerdict](), list[CandidateSet]()
    takes = [resolved.take.id for resolved in under_way.shots if resolved.take is not None]
    last = ctx.library.latest_verdicts(takes, "measures")
    for group in under_way.groups:
        name = group[0].shot.id
        looked = [_look_at(resolved) for resolved in group]
        verdicts = [(one, _judge(ctx, one, last.get(one.take.id))) for one in looked if isinstance(one, Candidate)]
        failures = [one for one in looked if isinstance(one, dict)]
        sound = [one for one, verdict in verdicts if verdict.decision == "approve"]
        if sound:
            refused.pop(name, None)
            cases.append(best_of.rank_candidates(sound, len(group)))
        elif verdicts:
            judged[name] = verdicts[0][1]
            refused[name] = {"stage": "review", "reason": judged[name].reason}
        elif failures:
            refused[name] = failures[0]
        else:
            refused.setdefault(name, {"stage": "review", "reason": "there is nothing to review"})
    heard = critic.review_takes(ctx, cases)
    return _again(_turn_down(ctx, state, [group[0].shot for group in under_way.groups], refused, judged), heard)


def measure(ctx: RunContext, shots: Sequence[ResolvedShot]) -> None:
    """Measure every segment, and how close it stayed to its panel, as far as that was not done yet."""
    composite.resolve_segments(ctx, shots)
    find_takes(ctx, [resolved for resolved in shots if resolved.take is None])
    filmed = [(one, fidelity.fidelity_jobs(ctx, one), jobs(ctx, one)) for one in shots if one.take is not None]
    stand = ctx.library.find_many(job.key for _, *both in filmed for some in both for job in some or ())
    new = [one for one, _, measuring in filmed if any(job.key not in stand for job in measuring or ())]
    bare = _find_bare_panels(ctx, [one.shot for one in new])
    wanted: list[tuple[ResolvedShot, Step, Sequence[Job] | None]] = []
    for one, close, measuring in filmed:
        wanted.append((one, "fidelity", close))
        wanted.append((one, "review", [_tell_bareness(job, one.shot, bare) for job in measuring or ()]))
    make_steps(ctx, "review", wanted, stand)


def _find_bare_panels(ctx: RunContext, shots: Sequence[ShotToFilm]) -> dict[str, bool]:
    """Say which panels of the pages of these shots are bare, where that is known: no page is decoded for it."""
    book, needed = shots[0].transcript if shots else None, {shot.plan.page for shot in shots}
    return find_bare_panels(ctx, [page for page in book.pages if page.index in needed]) if book else {}


def _tell_bareness(job: Job, shot: ShotToFilm, bare: Mapping[str, bool]) -> Job:
    """Give a job that measures a segment what is known of its panels, so that it needs no page."""
    known = [bare[panel.id] for panel in shot.panels if panel.id in bare]
    told = all(known) if len(known) == len(shot.panels) else None
    group = shot.page.artifact if told is None else ""
    return replace(job, arguments={**job.arguments, "bare": told}, group=group)


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
) -> Made:
    """Measure one segment. `bare` tells whether its panels hold no picture; None has the page looked at."""
    found = measures.measure_segment(artifacts.open(segment), screen=screen, frames=frames, camera=camera, ease=ease)
    if bare is None:
        pixels = png.read_cached(artifacts.open(page))
        bare = all(measures.is_bare(pixels, box) for box in panels)
    if bare:
        # a white or black beat is the artist's, not a fault of the take, and no camera can be seen to move over it
        found |= {"black": 0.0, "empty": 0.0, "frozen": 0.0}
    return Made(facts=dict(found))


def jobs(ctx: RunContext, resolved: ResolvedShot) -> list[Job] | None:
    """The job that measures a shot's segment; None while there is none."""
    shot, made = resolved.shot, resolved.segment
    if made is None:
        return None
    screen = ctx.settings.screen
    arguments = {
        "segment": made.artifacts["segment"].sha256,
        "page": shot.page.artifact,
        "panels": [panel.box for panel in shot.panels],
        "screen": screen,
        "frames": composite.frame_count(shot.plan.seconds, screen),
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
    }
    key = content_key("review", "measures", VERSION, **arguments)
    return [Job(key, "review", shot.id, make, arguments)]


def _look_at(resolved: ResolvedShot) -> Candidate | StageFailure | None:
    """Give the shot's take with what was measured of it, or why it could not be measured; None where there is none."""
    if resolved.take is None:
        return None
    close, measured = resolved.complete("fidelity"), resolved.complete("review")
    if close is None or measured is None:
        failures = [resolved.steps[step].failure for step in ("review", "fidelity")]
        return {"stage": "review", "reason": next(filter(None, failures), "")}
    return Candidate(resolved.shot, resolved.take, {**measured[0].facts, **fidelity.join_measures(close)})


def _judge(ctx: RunContext, tried: Candidate, last: Verdict | None) -> MeasuredVerdict:
    """Judge a take by its measures, and add it to the history of its verdicts where it is another than the last."""
    verdict = judge_shot(ctx, tried.shot.plan, tried.numbers)
    if last is None or (last.decision, last.measures) != (verdict.decision, tried.numbers):
        ctx.library.add_verdict(tried.take.id, verdict.decision, verdict.reason, tried.numbers)
    return verdict


def _again(state: State, heard: critic.CriticOutcome) -> State:
    """What the critic wants filmed again is another plan now, and begins at its first attempt."""
    attempts = {name: count for name, count in state["attempts"].items() if name not in heard.retakes}
    return {
        **state, "attempts": attempts, "retakes": [*state["retakes"], *heard.retakes], "asks": heard.asks,
    }  # fmt: skip


def _turn_down(
    ctx: RunContext,
    state: State,
    shots: list[ShotToFilm],
    refused: dict[str, StageFailure],
    judged: dict[str, MeasuredVerdict],
) -> State:
    attempts, retakes = dict(state.get("attempts", {})), []
    whys = {name: dict(cast(dict[str, dict[str, str]], state).get(name, {})) for name in LESS}
    for shot in shots:
        if (failure := refused.get(shot.id)) is None:
            continue
        ctx.library.add_failure(shot.id, failure["stage"], failure["reason"])
        coming = attempt_after(ctx, shot, failure["stage"], judged.get(shot.id))
        for why in whys.values():
            why.pop(shot.id, None)
        reason = failure_message(failure)
        if coming is None:
            whys["lost"][shot.id] = reason
            ctx.note("review", f"{shot.id} is lost: {reason}")
            continue
        attempts[shot.id] = coming
        retakes.append(shot.id)
        if what := _left(ctx, attempts_for(ctx, shot.plan)[coming]):
            whys[what][shot.id] = reason
        ctx.note("review", f"{shot.id} goes round again: {reason}")
    return cast(State, {"attempts": attempts, "retakes": retakes, "broken": {}, **whys})


def _left(ctx: RunContext, rung: Attempt) -> str:
    """Where the state says why a shot is filmed with less than was planned; "" where it is not."""
    if rung.plain_page or not rung.without_motion:
        return "fallbacks" if rung.plain_page else ""
    return "resting" if uses_models(ctx, rung.backends) else "stills"
