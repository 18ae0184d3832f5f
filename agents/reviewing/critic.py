"""Takes that the measures passed in, what a model that sees says of them out: approve, retake, or ask a person.

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
from agents.revising.board import take_of
from agents.shots import in_force
from agents.workshop import Progress, Workshop
from storage.artifacts import Artifacts
from storage.errors import AnswerError, ChatError, KomadoriError, SettingsError
from storage.keys import content_key
from storage.library import Library
from storage.records import Revision, Take
from storage.settings import Settings
from storage.shapes import CameraKey, Ease, Made, Polygon, Screen, ShotPlan
from tools import png
from tools.pixels import polygon_of
from tools.showing import rushes

VERSION = 1
MOST_LINES, LONGEST_LINE = 12, 200
"""Balloons that the critic is told of, and characters of each."""
LONGEST_CHANGE = 80
"""Characters in which a note tells what a retake changes."""
TOLD = ("original", "continued", "inpainted", "generated", "drift", "flicker", "frozen", "black")
"""The measures that the critic is told."""


@dataclass
class Heard:
    """What came of it: shots that go round again, and shots that a person is asked about, with what is asked."""

    retakes: list[str] = field(default_factory=list)
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
    rivals.choose(shop, chosen, said)
    sent = _sent_round(shop.library)
    for one in chosen:
        name = one.shot.id
        if name in said:
            _settle(shop, one.best, *said[name], heard)
            continue
        if name in sent and _is_as_before(shop, one.best, sent[name][-1]):
            _give_up(shop.library, one.best)
        if question := asked(shop.library, one.shot.plan, one.best.take):
            heard.asks[name] = question
    return heard


def asked(library: Library, plan: ShotPlan, take: Take) -> str:
    """What the critic asks a person about a take that stands for a shot, "" for nothing; a lock is an answer."""
    verdict = None if plan.locked else library.latest_verdict(take.id, "critic")
    return verdict.reason if verdict and verdict.decision == "ask" else ""


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
    made = shop.make("rushes", jobs.values()).made
    owned, sent = owners.owned(shop.library), _sent_round(shop.library)
    found: list[Question] = []
    for case in cases:
        shot = case.shot
        picture = made.get(jobs[shot.id].key)
        room = judgement.room(shop, shot, owned=owned, retakes=len(sent.get(shot.id, ())))
        if picture is not None:
            found.append(Question(shot.id, room, _prompt(shop, case, room), picture.artifacts["rushes"].sha256))
    return found


def _settle(shop: Workshop, tried: Tried, said: Judgement, room: Room, heard: Heard) -> None:
    """Do what the critic says, as far as it may, and keep its verdict."""
    name, decision = tried.shot.id, said.decision
    reason = judgement.one_line(said.reason, judgement.LONGEST_REASON) or "no reason is given"
    if decision == "retake":
        fresh = 1 + max(take.seed for take in shop.library.takes(name)) % (2**31 - 2)
        wanted = judgement.edits(shop, tried.shot, said, room, fresh)
        if hindrance := room.refusal or _hindrance(shop.library, wanted, reason):
            decision, reason = "ask", f"{reason} ({hindrance})"
        else:
            heard.retakes.append(name)
            shop.note("review", f"{name} goes round again, says the critic: {reason} ({_in_short(name, wanted)})")
    shop.library.add_verdict(tried.take.id, decision, reason, tried.numbers, author="critic")
    if decision == "ask":
        heard.asks[name] = reason


def _hindrance(library: Library, wanted: Sequence[Plan], reason: str) -> str:
    """Revise a shot for a retake. Why that cannot be, or ""."""
    try:
        return "" if revised(library, wanted, reason) else "it names nothing that it may change"
    except KomadoriError as fault:
        return fault.what


def _in_short(name: str, wanted: Sequence[Plan]) -> str:
    said = (words.written(edit).removeprefix(f"shot {which.shown(name)} ") for edit in wanted)
    return judgement.one_line("; ".join(said), LONGEST_CHANGE)


def _is_as_before(shop: Workshop, tried: Tried, retake: Revision) -> bool:
    """Whether a take is the very one that a retake was to do away with."""
    name, attempts = tried.shot.id, {tried.shot.id: tried.shot.attempt}
    before = [plan for plan in shop.library.shots(retake.parent) if plan.id == name]
    return any(take_of(shop, shot) == tried.take for shot in in_force(shop, {"attempts": attempts}, before))


def _give_up(library: Library, tried: Tried) -> None:
    """Ask a person where the critic's last word is a retake that changed nothing."""
    said = library.latest_verdict(tried.take.id, "critic")
    if said and said.decision == "retake":
        reason = f"{said.reason} (filmed again, it came out the same)"
        library.add_verdict(tried.take.id, "ask", reason, tried.numbers, author="critic")


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
    owned = owners.owned(library)
    for one in (one for one in line if one.author == "critic"):
        free = [edit for edit in one.edits if not _named([edit]) & owned]
        wanted: list[Plan] = [words.read(edit) for edit in free]  # type: ignore[misc]
        with suppress(KomadoriError):  # a shot is gone, or locked
            revised(library, wanted, one.message, key=one.key)


def _sent_round(library: Library) -> dict[str, list[Revision]]:
    """The critic's retakes in the state in force, by shot, oldest first."""
    found: dict[str, list[Revision]] = {}
    for one in library.line():
        if one.author == "critic" and one.key != rivals.KEY:
            for name in _named(one.edits):
                found.setdefault(name, []).append(one)
    return found


def _named(edits: Iterable[Mapping[str, Any]]) -> set[str]:
    """The shots that the critic's edits name."""
    return {which.named(str(edit.get("which", "")).removeprefix("shot ")) for edit in edits}


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
