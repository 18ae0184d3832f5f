"""Takes in, verdicts out: what the measures say of a segment, then the critic, and which shots go round again."""

from __future__ import annotations

from typing import cast

from agents.executors import Job
from agents.reviewing import critic, fidelity, rivals
from agents.reviewing.rivals import Case, Tried
from agents.reviewing.verdicts import MeasuredVerdict, judge_shot, next_attempt
from agents.rungs import Rung, generates, ladder
from agents.shots import Shot, standing, tried
from agents.stages import composite
from agents.state import StageFailure, State, failure_message
from agents.workshop import Results, Workshop, onlooking
from storage.artifacts import Artifacts
from storage.keys import content_key
from storage.shapes import Box, CameraKey, Ease, Made, Screen
from tools import png
from tools.measuring import measures

VERSION = 2
LESS = ("resting", "stills", "fallbacks", "lost")
"""Where the state says why a shot is not filmed as planned."""


def run(shop: Workshop, state: State) -> State:
    """Judge every take of this round; what is turned down gets its next attempt, while it has one."""
    groups = list(tried(shop, state))
    seen = onlooking(shop)
    wanted = {id(shot): _jobs(seen, shot) for group in groups for shot in group}
    results = shop.make("review", (job for _, jobs in wanted.values() for job in jobs))
    refused, judged, cases = dict(state.get("broken", {})), dict[str, MeasuredVerdict](), list[Case]()
    for group in groups:
        name = group[0].id
        looked = [_look_at(shop, shot, *wanted[id(shot)], results) for shot in group]
        verdicts = [(one, _judge(shop, one)) for one in looked if isinstance(one, Tried)]
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
    return _again(_turn_down(shop, state, [group[0] for group in groups], refused, judged), heard)


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
) -> Made:
    """Measure one segment."""
    found = measures.measure_segment(artifacts.open(segment), screen=screen, frames=frames, camera=camera, ease=ease)
    pixels = png.read(artifacts.open(page))
    if all(measures.is_bare(pixels, box) for box in panels):
        # a white or black beat is the artist's, not a fault of the take, and no camera can be seen to move over it
        found |= {"black": 0.0, "empty": 0.0, "frozen": 0.0}
    return Made(facts=dict(found))


def _jobs(shop: Workshop, shot: Shot) -> tuple[str, list[Job]]:
    """The key of a shot's take, and the jobs that measure it, and how close it stayed to its panel.

    "" and none where it is not all made.
    """
    filmed, close = composite.jobs(shop, shot), fidelity.jobs(shop, shot)
    made = standing(shop, filmed)
    if not filmed or made is None or close is None:
        return "", []
    screen = shop.settings.screen
    arguments = {
        "segment": made[0].artifacts["segment"].sha256,
        "page": shot.page.artifact,
        "panels": [panel.box for panel in shot.panels],
        "screen": screen,
        "frames": composite.frames_of(shot.plan.seconds, screen),
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
    }
    key = content_key("review", "measures", VERSION, **arguments)
    return filmed[0].key, [Job(key, "review", shot.id, make, arguments), *close]


def _look_at(shop: Workshop, shot: Shot, key: str, jobs: list[Job], results: Results) -> Tried | StageFailure | None:
    """Give the shot's take with what was measured of it, or why it could not be measured; None where there is none."""
    take = shop.library.find_take(shot.id, key) if jobs else None
    if take is None:
        return None
    if failed := [results.failed[job.key] for job in jobs if job.key in results.failed]:
        return {"stage": "review", "reason": failed[0]}
    measured, *told = (results.made[job.key] for job in jobs)
    return Tried(shot, take, {**measured.facts, **fidelity.joined(told)})


def _judge(shop: Workshop, tried: Tried) -> MeasuredVerdict:
    """Judge a take by its measures, and add it to the history of its verdicts where it is another than the last."""
    verdict = judge_shot(shop, tried.shot.plan, tried.numbers)
    last = shop.library.latest_verdict(tried.take.id, "measures")
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
