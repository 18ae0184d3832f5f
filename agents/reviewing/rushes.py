"""Takes in, what the critic is asked of each shot out: pictures, words, what it may change. Asks nothing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from agents.edits import which
from agents.executors import Job
from agents.prompting import Prompt, Row, fill, quoted
from agents.reviewing import judgement, retakes
from agents.reviewing.judgement import Room
from agents.reviewing.rivals import Case
from agents.revising import outline, owners
from agents.workshop import Workshop
from storage.artifacts import Artifacts
from storage.keys import content_key
from storage.shapes import Artifact, CameraKey, Ease, Made, Polygon, Screen
from tools import png
from tools.pixels import polygon_of
from tools.showing import rushes

VERSION = 2
MOST_LINES, LONGEST_LINE = 12, 200
"""Balloons that the critic is told of, and characters of each."""
TOLD = ("original", "continued", "inpainted", "generated", "drift", "flicker", "frozen", "black")
"""The measures that the critic is told."""


@dataclass(frozen=True)
class Question:
    """What is to be asked of one shot; `pictures` are artifacts, one of each take."""

    shot: str
    room: Room
    prompt: Prompt
    pictures: tuple[str, ...]


def questions(shop: Workshop, cases: Sequence[Case]) -> list[Question]:
    """What is to be asked; nothing of a shot whose picture cannot be made, which `make` has told of."""
    jobs = {case.shot.id: job(shop, case) for case in cases}
    made = shop.make("rushes", jobs.values()).made
    owned, sent = owners.owned(shop.library), retakes.in_force(shop.library)
    found: list[Question] = []
    for case in cases:
        shot = case.shot
        laid = made.get(jobs[shot.id].key)
        room = judgement.room(shop, shot, owned=owned, retakes=len(sent.get(shot.id, ())))
        if laid is not None:
            pictures = tuple(laid.artifacts[str(number)].sha256 for number in range(1, len(case.takes) + 1))
            found.append(Question(shot.id, room, _prompt(shop, case, room), pictures))
    return found


def make(
    artifacts: Artifacts,
    *,
    page: str,
    panels: list[Polygon],
    camera: list[CameraKey],
    ease: Ease,
    segments: list[str],
    screen: Screen,
) -> Made:
    """Lay out what the critic sees of a shot: one picture a take, under its number."""
    width, drawn = rushes.cell(screen), png.read_cached(artifacts.open(page))
    made: dict[str, Artifact] = {}
    for number, segment in enumerate(segments, start=1):
        take = rushes.moments(artifacts.open(segment), width=width)
        laid = rushes.rushes(drawn, panels, camera, ease, take, number)
        made[str(number)] = artifacts.keep(png.encode(laid), "image/png")
    return Made(artifacts=made)


def job(shop: Workshop, case: Case) -> Job:
    """The job that lays out what the critic sees."""
    shot = case.shot
    arguments: dict[str, object] = {
        "page": shot.page.artifact,
        "panels": [panel.polygon or polygon_of(panel.box) for panel in shot.panels],
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
        "segments": [tried.take.artifact for tried in case.takes],
        "screen": shop.settings.screen,
    }
    key = content_key("rushes", "sheet", VERSION, **arguments)
    return Job(key, "rushes", shot.id, make, arguments, group=shot.page.artifact)


def _prompt(shop: Workshop, case: Case, room: Room) -> Prompt:
    shot = case.shot
    plan, chosen = shot.plan, shot.backends
    said = [
        {"decision": verdict.decision, "reason": verdict.reason}
        for take in shop.library.takes(plan.id)
        for verdict in shop.library.verdicts(take.id)
        if verdict.author == "critic"
    ]
    about: Row = {
        "shot": which.shown(plan.id), "page": plan.page + 1, "seconds": round(plan.seconds, 1),
        "camera": outline.moves(plan), "why": plan.reason[:LONGEST_LINE], "prompt": plan.prompt,
        "told besides": shot.told,
        "clean": " ".join(plan.treatment.clean), "ground": plan.treatment.outpaint.fill,
        "cleaned by": chosen.clean, "continued by": chosen.outpaint, "moved by": chosen.animate,
    }  # fmt: skip
    lettering = [{"kind": one.kind, "text": one.text[:LONGEST_LINE]} for one in shot.balloons[:MOST_LINES]]
    measured = [
        {"take": number, "seed": one.take.seed, **{m: round(v, 3) for m, v in one.numbers.items() if m in TOLD}}
        for number, one in enumerate(case.takes, start=1)
    ]
    return fill(
        "review", shot=quoted([about]), takes=quoted(measured), lettering=quoted(lettering), earlier=quoted(said),
        may=room.words(),
    )  # fmt: skip
