"""Takes in, verdicts out: what the measures say of a segment, then the critic, and which shots go round again."""

from __future__ import annotations

from agents import critic, fidelity
from agents.executors import Job
from agents.shots import Shot, in_force, rungs, still_rung
from agents.stages import composite
from agents.state import State
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.keys import content_key
from storage.records import Take
from storage.shapes import Box, CameraKey, Ease, Made, Screen
from tools import measures, png

VERSION = 2


def run(shop: Workshop, state: State) -> State:
    """Judge every take of this round; what is turned down gets its next attempt, while it has one."""
    shots = list(in_force(shop, state))
    takes = {shot.id: job for shot in shots if (job := _job(shop, shot)) is not None}
    close = {shot.id: job for shot in shots if shot.id in takes and (job := fidelity.job(shop, shot)) is not None}
    results = shop.make("review", [*takes.values(), *close.values()])
    refused = dict(state.get("broken", {}))
    cases: list[critic.Case] = []
    for shot in shots:
        job = takes.get(shot.id)
        if job is None:
            refused.setdefault(shot.id, "there is nothing to review")
        elif job.key not in results.made:
            refused[shot.id] = f"review: {results.failed[job.key]}"
        elif shot.id in close and close[shot.id].key in results.failed:
            refused[shot.id] = f"review: {results.failed[close[shot.id].key]}"
        elif faults := _judge(shop, shot, results.made[job.key], results.made.get(close[shot.id].key)):
            refused[shot.id] = "; ".join(faults)
        else:
            refused.pop(shot.id, None)
            cases += _case(shop, shot, results.made[job.key], results.made.get(close[shot.id].key))
    heard = critic.review(shop, cases)
    return _again(_turn_down(shop, state, shots, refused), heard)


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
    return Made(facts={**found, "faults": "; ".join(measures.faults(found))})


def _job(shop: Workshop, shot: Shot) -> Job | None:
    filmed = composite.jobs(shop, shot)
    made = shop.library.find_made(filmed[0].key) if filmed else None
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
    return Job(content_key("review", "measures", VERSION, **arguments), "review", shot.id, make, arguments)


def _judge(shop: Workshop, shot: Shot, measured: Made, close: Made | None) -> list[str]:
    """Keep the verdict on the shot's take, once; return its faults. `close` is how close it stayed to the panel."""
    faults = [fault for fault in str(measured.facts["faults"]).split("; ") if fault]
    faults += fidelity.faults(shop, shot, close)
    take = _take(shop, shot)
    if take is not None and not shop.library.verdicts(take.id):
        facts = {**measured.facts, **(close.facts if close else {})}
        numbers = {name: float(value) for name, value in facts.items() if isinstance(value, int | float)}
        shop.library.add_verdict(take.id, "retake" if faults else "approve", "; ".join(faults), numbers)
    return faults


def _case(shop: Workshop, shot: Shot, measured: Made, close: Made | None) -> list[critic.Case]:
    """What the critic may look at; nothing where there is no take."""
    take = _take(shop, shot)
    facts = {**measured.facts, **(close.facts if close else {})}
    return [(critic.Tried(shot, take, facts),)] if take else []


def _take(shop: Workshop, shot: Shot) -> Take | None:
    filmed = composite.jobs(shop, shot)
    return shop.library.find_take(shot.id, filmed[0].key) if filmed else None


def _again(state: State, heard: critic.Heard) -> State:
    """What the critic wants filmed again is another plan now, and begins at its first attempt."""
    attempts = {name: count for name, count in state["attempts"].items() if name not in heard.retakes}
    return {
        **state, "attempts": attempts, "retakes": [*state["retakes"], *heard.retakes], "asks": heard.asks,
    }  # fmt: skip


def _turn_down(shop: Workshop, state: State, shots: list[Shot], refused: dict[str, str]) -> State:
    attempts, retakes = dict(state.get("attempts", {})), []
    stills, fallbacks = dict(state.get("stills", {})), dict(state.get("fallbacks", {}))
    lost = dict(state.get("lost", {}))
    for shot in shots:
        if (reason := refused.get(shot.id)) is None:
            continue
        shop.library.add_failure(shot.id, "review", reason)
        coming, last, still = shot.attempt + 1, rungs(shop, shot.plan) - 1, still_rung(shop, shot.plan)
        for why in (stills, fallbacks):
            why.pop(shot.id, None)
        if coming > last:
            lost[shot.id] = reason
            shop.note("review", f"{shot.id} is lost: {reason}")
            continue
        attempts[shot.id] = coming
        retakes.append(shot.id)
        if coming in (last, still):
            (fallbacks if coming == last else stills)[shot.id] = reason
        shop.note("review", f"{shot.id} goes round again: {reason}")
    return {
        "attempts": attempts, "retakes": retakes, "broken": {}, "stills": stills, "fallbacks": fallbacks, "lost": lost,
    }  # fmt: skip
