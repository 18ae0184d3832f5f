"""Takes that the measures have passed in, what a model that sees says of them out: it may stand, once more, or a person
is asked.

The critic is not the director: where it cannot be asked, the film goes on without it, and says so. What it wants
changed comes to a revision like anybody's edits, within a closed room of choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from agents import directors, permits
from agents.asking.servers import configured
from agents.asking.together import together
from agents.chat import Chat
from agents.edits import Plan, which, words
from agents.edits.applied import all_applied
from agents.executors import Job
from agents.prompting import Prompt, Row, fill, quoted
from agents.reviewing import judgement, rivals
from agents.reviewing.fidelity import drawn
from agents.reviewing.judgement import Judgement, Room
from agents.reviewing.rivals import Case, Tried
from agents.revising import outline, owners, revise
from agents.shots import Shot
from agents.workshop import Progress, Workshop
from storage.artifacts import Artifacts
from storage.errors import AnswerError, ChatError, KomadoriError, SettingsError
from storage.keys import content_key
from storage.library import Library
from storage.records import Revision
from storage.settings import Settings
from storage.shapes import CameraKey, Decision, Ease, Made, Polygon, Screen
from tools import png
from tools.pixels import polygon_of
from tools.showing import rushes

VERSION = 1
MOST_LINES, LONGEST_LINE = 12, 200
"""Balloons that the critic is told of, and characters of each."""


@dataclass
class Heard:
    """What came of it: shots that go round again, and shots that a person is asked about, each with why."""

    retakes: dict[str, str] = field(default_factory=dict)
    asks: dict[str, str] = field(default_factory=dict)


@dataclass(frozen=True)
class Question:
    """What is to be asked of one shot; `picture` is an artifact."""

    shot: str
    room: Room
    prompt: Prompt
    picture: str


def watches(settings: Settings) -> bool:
    """Whether a critic looks at all: the model directs, or every take is to be looked at.

    SettingsError where that is asked for and no model is named.
    """
    if settings.critic == "every" and not settings.model:
        raise SettingsError(
            "no model is named for --critic every", "set KOMADORI_MODEL, and OPENAI_BASE_URL or OPENAI_API_KEY"
        )
    if settings.critic == "auto":
        return directors.choose(settings.director, settings.model) == "llm"
    return settings.critic == "every"


def review(shop: Workshop, cases: Sequence[Case]) -> Heard:
    """Have every take looked at that was not yet, choose among rivals, and revise what is to be filmed again."""
    heard = Heard()
    said = _asked(shop, [one for one in cases if _in_question(shop, one)]) if watches(shop.settings) else {}
    chosen = [one.preferring(said[one.shot.id][0].take) if one.shot.id in said else one for one in cases]
    rivals.choose(shop, chosen, {name: _reason(answer) for name, (answer, _) in said.items()})
    for one in chosen:
        if one.shot.id in said:
            _settle(shop, one.best, *said[one.shot.id], heard)
        elif not one.shot.plan.locked:  # a lock is an answer
            before = shop.library.latest_verdict(one.best.take.id, "critic")
            heard.asks |= {one.shot.id: before.reason} if before and before.decision == "ask" else {}
    return heard


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
    """Lay out what the critic sees of a shot."""
    width = rushes.cell(screen, len(segments))
    takes = [rushes.moments(artifacts.open(segment), width=width) for segment in segments]
    laid = rushes.rushes(png.read(artifacts.open(page)), panels, camera, ease, takes)
    return Made(artifacts={"rushes": artifacts.keep(png.encode(laid), "image/png")})


def job(shop: Workshop, case: Case) -> Job:
    """The job that lays out what the critic sees."""
    shot = case.shot
    arguments: dict[str, Any] = {
        "page": shot.page.artifact,
        "panels": [panel.polygon or polygon_of(panel.box) for panel in shot.panels],
        "camera": list(shot.plan.camera),
        "ease": shot.plan.ease,
        "segments": [tried.take.artifact for tried in case.takes],
        "screen": shop.settings.screen,
    }
    return Job(content_key("rushes", "sheet", VERSION, **arguments), "rushes", shot.id, make, arguments)


def _in_question(shop: Workshop, case: Case) -> bool:
    """Whether the critic is to look: at what it has not seen, and nobody has given up already."""
    seen = all(shop.library.latest_verdict(one.take.id, "critic") for one in case.takes)
    if case.shot.still or case.shot.fallback or seen:
        return False
    return shop.settings.critic == "every" or any(drawn(Made(facts=one.facts)) for one in case.takes)


def _asked(shop: Workshop, cases: Sequence[Case]) -> dict[str, tuple[Judgement, Room]]:
    """What the model says of each case, by shot; those it could not be asked about are missing."""
    if not cases:
        return {}
    server = configured(shop.settings.model)
    if server is None:
        shop.note("review", f"nobody looks at the takes: the model {shop.settings.model} is named, but no server")
        return {}
    chat = Chat(server, shop.library, shop.settings)
    before, said, stopped = chat.budget.spent, dict[str, tuple[Judgement, Room]](), ""
    questions = _questions(shop, cases)

    def ask(one: Question) -> Judgement | None:
        picture = png.read(shop.library.artifacts.open(one.picture))
        return None if stopped else chat.ask(one.prompt, [picture], Judgement)

    shop.say(Progress("judging", "begin", total=len(questions)))
    for done, (one, answer) in enumerate(together(ask, questions, hands=server.together), start=1):
        if isinstance(answer, Judgement):
            said[one.shot] = (answer, one.room)
        elif answer is not None:
            stopped = stopped or _told(shop, one, answer)
        shop.say(Progress("judging", "end" if done == len(questions) else "made", one.shot, done, len(questions)))
    if chat.budget.spent != before:
        shop.note("review", f"{server.model} at {server.host}: {chat.budget.words()}")
    return said


def _told(shop: Workshop, question: Question, error: Exception) -> str:
    """Say why there is no answer. Why nothing more is to be asked, where it is not the question's own fault."""
    if not isinstance(error, ChatError):
        raise error
    if isinstance(error, AnswerError):
        shop.note("review", f"the critic says nothing of {question.shot}: {error.what}")
        return ""
    shop.note("review", f"the critic is asked no more: {error.what}")
    return error.what


def _questions(shop: Workshop, cases: Sequence[Case]) -> list[Question]:
    """What is to be asked; nothing of a shot whose picture cannot be made, which `make` has told of."""
    jobs = {case.shot.id: job(shop, case) for case in cases}
    made = shop.make("review", jobs.values()).made
    mine, counts = owners.owned(shop.library), _retakes(shop)
    found: list[Question] = []
    for case in cases:
        shot = case.shot
        picture = made.get(jobs[shot.id].key)
        room = judgement.room(shop, shot, mine=mine, retakes=counts.get(shot.id, 0))
        if picture is not None:
            found.append(Question(shot.id, room, _prompt(shop, case, room), picture.artifacts["rushes"].sha256))
    return found


def _settle(shop: Workshop, tried: Tried, said: Judgement, room: Room, heard: Heard) -> None:
    """Do what the critic says, as far as it may, and keep its verdict."""
    shot, decision = tried.shot, said.decision
    reason = _reason(said)
    if decision == "retake":
        decision, reason = _changed(shop, shot, said, room, reason)
    shop.library.add_verdict(tried.take.id, decision, reason, tried.numbers, author="critic")
    if decision == "retake":
        heard.retakes[shot.id] = reason
        shop.note("review", f"{shot.id} goes round again, says the critic: {reason}")
    elif decision == "ask":
        heard.asks[shot.id] = reason


def _reason(said: Judgement) -> str:
    return judgement.one_line(said.reason, judgement.LONGEST_REASON) or "no reason is given"


def _changed(shop: Workshop, shot: Shot, said: Judgement, room: Room, reason: str) -> tuple[Decision, str]:
    """Revise the shot for a retake. What becomes of the decision, and why, where that cannot be."""
    if room.refusal:
        return "ask", f"{reason} ({room.refusal})"
    fresh = 1 + max(take.seed for take in shop.library.takes(shot.id)) % (2**31 - 2)
    wanted = judgement.edits(shop, shot, said, room, fresh)
    try:
        changed = revised(shop.library, wanted, reason)
    except KomadoriError as fault:
        return "ask", f"{reason} ({fault.what})"
    return ("retake", reason) if changed else ("approve", f"{reason} (a retake would change nothing)")


def revised(library: Library, wanted: Sequence[Plan], reason: str, *, key: str = "") -> bool:
    """Do edits as the critic, as one revision; whether anything changed. KomadoriError where one cannot be done."""
    board = revise.board_of(library)
    after = all_applied(board, wanted)
    permits.refuse_changes(library.settings(), board, after)
    if after.shots == board.shots:
        return False
    data = [edit.model_dump(mode="json") for edit in wanted]
    library.add_revision(after.shots, key=key, author="critic", message=reason, edits=data)
    return True


def again(library: Library, line: Sequence[Revision]) -> None:
    """Do anew what the critic changed in `line`, where people's changes beneath it are others now and leave it room."""
    mine = owners.owned(library)
    for one in (one for one in line if one.author == "critic"):
        free = [edit for edit in one.edits if not _named([edit]) & mine]
        wanted: list[Plan] = [words.read(edit) for edit in free]  # type: ignore[misc]
        with suppress(KomadoriError):  # a shot is gone, or locked
            revised(library, wanted, one.message, key=one.key)


def _retakes(shop: Workshop) -> dict[str, int]:
    """How often the critic sent each shot round, in the state in force."""
    counts: dict[str, int] = {}
    for one in shop.library.line():
        if one.author == "critic" and one.key != rivals.KEY:
            for name in _named(one.edits):
                counts[name] = counts.get(name, 0) + 1
    return counts


def _named(edits: Iterable[Mapping[str, Any]]) -> set[str]:
    """The shots that the critic's edits name."""
    return {which.named(str(edit.get("which", "")).removeprefix("shot ")) for edit in edits}


def _prompt(shop: Workshop, case: Case, room: Room) -> Prompt:
    shot = case.shot
    plan, chosen = shot.plan, shot.backends
    said = [
        {"take": take.number, "decision": verdict.decision, "reason": verdict.reason}
        for take in shop.library.takes(plan.id)
        for verdict in shop.library.verdicts(take.id)
        if verdict.author == "critic"
    ]
    about: Row = {
        "shot": which.shown(plan.id), "page": plan.page + 1, "seconds": round(plan.seconds, 1),
        "camera": outline.moves(plan), "why": plan.reason[:LONGEST_LINE], "prompt": plan.prompt,
        "clean": " ".join(plan.treatment.clean), "ground": plan.treatment.outpaint.fill,
        "cleaned by": chosen.clean, "continued by": chosen.outpaint, "moved by": chosen.animate,
    }  # fmt: skip
    lettering = [{"kind": one.kind, "text": one.text[:LONGEST_LINE]} for one in shot.balloons[:MOST_LINES]]
    measured = [
        {"take": number, "seed": tried.take.seed, **{name: round(value, 3) for name, value in tried.numbers.items()}}
        for number, tried in enumerate(case.takes, start=1)
    ]
    return fill(
        "review", shot=quoted([about]), takes=quoted(measured), lettering=quoted(lettering), earlier=quoted(said),
        may=room.words(),
    )  # fmt: skip
