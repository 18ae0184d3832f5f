"""Takes in, verdicts out: what the measures say of a segment, then the critic, and which shots go round again."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import cast

from agents.executors import Job
from agents.looks import find_bare_panels
from agents.resolved_shot import ResolvedShot, Step, current_round, find_takes, make_steps
from agents.reviewing import critic, fidelity, rivals
from agents.reviewing.rivals import Case, Tried
from agents.reviewing.verdicts import MeasuredVerdict, judge_shot, next_attempt
from agents.rungs import Rung, generates, ladder
from agents.shots import Shot
from agents.stages import composite
from agents.state import StageFailure, State, failure_message
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.keys import content_key
from storage.records import Verdict
from storage.shapes import Box, CameraKey, Ease, Made, Screen
from tools import png
from tools.measuring import measures

VERSION = 2
LESS = ("resting", "stills", "fallbacks", "lost")
"""Where the state says why a shot is not filmed as planned."""


def run(shop: Workshop, state: State) -> State:
    """Judge every take of this round; what is turned down gets its next attempt, while it has one."""
    under_way = current_round(shop, state)
    measure(shop, under_way.shots)
    refused, judged, cases = dict(state.get("broken", {})), dict[str, MeasuredVerdict](), list[Case]()
    takes = [resolved.take.id for resolved in under_way.shots if resolved.take is not None]
    last = shop.library.latest_verdicts(takes, "measures")
    for group in under_way.groups:
        name = group[0].shot.id
        looked = [_look_at(resolved) for resolved in group]
        verdicts = [(one, _judge(shop, one, last.get(one.take.id))) for one in looked if isinstance(one, Tried)]
        failures = [one for one in looked if isinstance(one, dict)]
        sound = [one for one, verdict in verdicts if verdict.decision == "approve"]
        if sound:
            refused.pop(name, None)
            cases.append(rivals.case(sound, len(group)))
        elif verdicts:
            judged[name] = verdicts[0][1]
            refused[name] = {"stage": "review", "reason": judged[name].reason}
        elif failures:
            refused[name] = failures[0]
        else:
            refused.setdefault(name, {"stage": "review", "reason": "there is nothing to review"})
    heard = critic.review(shop, cases)
    return _again(_turn_down(shop, state, [group[0].shot for group in under_way.groups], refused, judged), heard)


def measure(shop: Workshop, shots: Sequence[ResolvedShot]) -> None:
    """Measure every segment, and how close it stayed to its panel, as far as that was not done yet."""
    composite.resolve_segments(shop, shots)
    find_takes(shop, [resolved for resolved in shots if resolved.take is None])
    filmed = [(one, fidelity.jobs(shop, one), jobs(shop, one)) for one in shots if one.take is not None]
    stand = shop.library.find_many(job.key for _, *both in filmed for some in both for job in some or ())
    new = [one for one, _, measuring in filmed if any(job.key not in stand for job in measuring or ())]
    bare = _find_bare_panels(shop, [one.shot for one in new])
    wanted: list[tuple[ResolvedShot, Step, Sequence[Job] | None]] = []
    for one, close, measuring in filmed:
        wanted.append((one, "fidelity", close))
        wanted.append((one, "review", [_told(job, one.shot, bare) for job in measuring or ()]))
    make_steps(shop, "review", wanted, stand)


def _find_bare_panels(shop: Workshop, shots: Sequence[Shot]) -> dict[str, bool]:
    """Say which panels of the pages of these shots are bare, where that is known: no page is decoded for it."""
    book, needed = shots[0].transcript if shots else None, {shot.plan.page for shot in shots}
    return find_bare_panels(shop, [page for page in book.pages if page.index in needed]) if book else {}


def _told(job: Job, shot: Shot, bare: Mapping[str, bool]) -> Job:
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
    screen: Screen,
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


def jobs(shop: Workshop, resolved: ResolvedShot) -> list[Job] | None:
    """The job that measures a shot's segment; None while there is none."""
    shot, made = resolved.shot, resolved.segment
    if made is None:
        return None
    screen = shop.settings.screen
    arguments = {
        "segment": made.artifacts["segment"].sha256,
        "page": shot.page.artifact,
        "panels": [panel.box for panel in shot.panels],
        "screen": screen,
        "frames": composite.frames_of(shot.plan.seconds, screen),
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
    }
    key = content_key("review", "measures", VERSION, **arguments)
    return [Job(key, "review", shot.id, make, arguments)]


def _look_at(resolved: ResolvedShot) -> Tried | StageFailure | None:
    """Give the shot's take with what was measured of it, or why it could not be measured; None where there is none."""
    if resolved.take is None:
        return None
    close, measured = resolved.complete("fidelity"), resolved.complete("review")
    if close is None or measured is None:
        failures = [resolved.steps[step].failure for step in ("review", "fidelity")]
        return {"stage": "review", "reason": next(filter(None, failures), "")}
    return Tried(resolved.shot, resolved.take, {**measured[0].facts, **fidelity.joined(close)})


def _judge(shop: Workshop, tried: Tried, last: Verdict | None) -> MeasuredVerdict:
    """Judge a take by its measures, and add it to the history of its verdicts where it is another than the last."""
    verdict = judge_shot(shop, tried.shot.plan, tried.numbers)
    if last is None or (last.decision, last.measures) != (verdict.decision, tried.numbers):
        shop.library.add_verdict(tried.take.id, verdict.decision, verdict.reason, tried.numbers)
    return verdict


def _again(state: State, heard: critic.Heard) -> State:
    """What the critic wants filmed again is another plan now, and begins at its first attempt."""
    attempts = {name: count for name, count in state["attempts"].items() if name not in heard.retakes}
    return {
        **state, "attempts": attempts, "retakes": [*state["retakes"], *heard.retakes], "asks": heard.asks,
    }  # fmt: skip


def _turn_down(
    shop: Workshop,
    state: State,
    shots: list[Shot],
    refused: dict[str, StageFailure],
    judged: dict[str, MeasuredVerdict],
) -> State:
    attempts, retakes = dict(state.get("attempts", {})), []
    whys = {name: dict(cast(dict[str, dict[str, str]], state).get(name, {})) for name in LESS}
    for shot in shots:
        if (failure := refused.get(shot.id)) is None:
            continue
        shop.library.add_failure(shot.id, failure["stage"], failure["reason"])
        coming = next_attempt(shop, shot, failure["stage"], judged.get(shot.id))
        for why in whys.values():
            why.pop(shot.id, None)
        reason = failure_message(failure)
        if coming is None:
            whys["lost"][shot.id] = reason
            shop.note("review", f"{shot.id} is lost: {reason}")
            continue
        attempts[shot.id] = coming
        retakes.append(shot.id)
        if what := _left(shop, ladder(shop, shot.plan)[coming]):
            whys[what][shot.id] = reason
        shop.note("review", f"{shot.id} goes round again: {reason}")
    return cast(State, {"attempts": attempts, "retakes": retakes, "broken": {}, **whys})


def _left(shop: Workshop, rung: Rung) -> str:
    """Where the state says why a shot is filmed with less than was planned; "" where it is not."""
    if rung.page or not rung.still:
        return "fallbacks" if rung.page else ""
    return "resting" if generates(shop, rung.backends) else "stills"
