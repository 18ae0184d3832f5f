"""Takes in, verdicts out: what the measures say of a segment, and which shots go round again."""

from __future__ import annotations

from agents.executors import Job
from agents.shots import Shot, in_force, rungs
from agents.stages import composite
from agents.state import State
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.keys import content_key
from storage.shapes import Box, CameraKey, Ease, Made, Screen
from tools import measures, png

VERSION = 2


def run(shop: Workshop, state: State) -> State:
    """Judge every take of this round; what is turned down gets its next attempt, while it has one."""
    shots = list(in_force(shop, state))
    takes = {shot.id: job for shot in shots if (job := _job(shop, shot)) is not None}
    results = shop.make("review", takes.values())
    refused = dict(state.get("broken", {}))
    for shot in shots:
        job = takes.get(shot.id)
        if job is None:
            refused.setdefault(shot.id, "there is nothing to review")
        elif job.key not in results.made:
            refused[shot.id] = f"review: {results.failed[job.key]}"
        elif faults := _judge(shop, shot, results.made[job.key]):
            refused[shot.id] = "; ".join(faults)
        else:
            refused.pop(shot.id, None)
    return _turn_down(shop, state, shots, refused)


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


def _judge(shop: Workshop, shot: Shot, measured: Made) -> list[str]:
    """Keep the verdict on the shot's take, once; return its faults."""
    faults = [fault for fault in str(measured.facts["faults"]).split("; ") if fault]
    filmed = composite.jobs(shop, shot)
    take = shop.library.find_take(shot.id, filmed[0].key) if filmed else None
    if take is not None and not shop.library.verdicts(take.id):
        numbers = {name: float(value) for name, value in measured.facts.items() if isinstance(value, int | float)}
        shop.library.add_verdict(take.id, "retake" if faults else "approve", "; ".join(faults), numbers)
    return faults


def _turn_down(shop: Workshop, state: State, shots: list[Shot], refused: dict[str, str]) -> State:
    attempts, retakes = dict(state.get("attempts", {})), []
    fallbacks, lost = dict(state.get("fallbacks", {})), dict(state.get("lost", {}))
    for shot in shots:
        if (reason := refused.get(shot.id)) is None:
            continue
        shop.library.add_failure(shot.id, "review", reason)
        if shot.attempt + 1 >= rungs(shop, shot.plan):
            lost[shot.id] = reason
            fallbacks.pop(shot.id, None)
            shop.note("review", f"{shot.id} is lost: {reason}")
            continue
        attempts[shot.id] = shot.attempt + 1
        retakes.append(shot.id)
        if shot.attempt + 2 >= rungs(shop, shot.plan):
            fallbacks[shot.id] = reason
        shop.note("review", f"{shot.id} goes round again: {reason}")
    return {"attempts": attempts, "retakes": retakes, "broken": {}, "fallbacks": fallbacks, "lost": lost}
