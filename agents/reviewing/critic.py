"""Takes that the measures passed in, what a model that sees says of them out: approve, retake, or ask a person.

The critic is not the director: where it cannot be asked, the film goes on without it, and says so. What it wants
changed comes to a revision like anybody's edits, within a closed room of choices.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from agents import directors
from agents.asking.outcome import IN_A_ROW
from agents.asking.servers import configured, unserved
from agents.asking.together import together
from agents.chat import Chat
from agents.edits import Plan, words
from agents.reviewing import judgement, retakes, rivals, rushes
from agents.reviewing.fidelity import drawn
from agents.reviewing.judgement import Judgement, Room
from agents.reviewing.rivals import Case, Tried
from agents.reviewing.rushes import Question
from agents.revising import changes
from agents.rungs import at, untried_seed
from agents.workshop import Progress, Workshop
from storage.errors import AnswerError, ChatError, KomadoriError, QuestionError
from storage.library import Library
from storage.records import Revision, Take, Verdict
from storage.shapes import Made, ShotPlan
from tools import png

LONGEST_CHANGE = 80
"""Characters in which a note tells what a retake changes."""


@dataclass
class Heard:
    """What came of it: shots that go round again, and shots that a person is asked about, with what is asked."""

    retakes: list[str] = field(default_factory=list)
    asks: dict[str, str] = field(default_factory=dict)


def review(shop: Workshop, cases: Sequence[Case]) -> Heard:
    """Have every take looked at that was not yet, choose among rivals, and revise what is to be filmed again."""
    heard = Heard()
    open_cases = _in_question(shop, cases) if directors.is_critic_enabled(shop.settings) else []
    said = _asked(shop, open_cases)
    if unheard := [one.shot.id for one in open_cases if one.among > 1 and one.shot.id not in said]:
        shop.note("review", f"the critic was not heard: the measures choose among the takes of {', '.join(unheard)}")
    chosen = [one.preferring(said[one.shot.id][0].take) if one.shot.id in said else one for one in cases]
    rivals.choose(shop, chosen, said)
    before = shop.library.latest_verdicts((one.best.take.id for one in chosen if one.shot.id not in said), "critic")
    sent = retakes.in_force(shop.library) if any(one.decision == "retake" for one in before.values()) else {}
    for one in chosen:
        name = one.shot.id
        if name in said:
            _settle(shop, one.best, *said[name], heard)
            continue
        verdict = before.get(one.best.take.id)
        if verdict and verdict.decision == "retake" and name in sent:
            verdict = _give_up(shop, one.best, verdict, sent[name][-1]) or verdict
        if question := _question(one.shot.plan, verdict):
            heard.asks[name] = question
    return heard


def open_questions(library: Library, shots: Iterable[tuple[ShotPlan, Take]]) -> dict[str, str]:
    """What the critic asks a person about the takes that stand for shots, by shot."""
    listed = list(shots)
    verdicts = library.latest_verdicts((take.id for _, take in listed), "critic")
    found = {plan.id: _question(plan, verdicts.get(take.id)) for plan, take in listed}
    return {name: question for name, question in found.items() if question}


def _question(plan: ShotPlan, verdict: Verdict | None) -> str:
    """What a verdict of the critic asks a person about a shot, "" for nothing; a lock is an answer."""
    return verdict.reason if verdict and verdict.decision == "ask" and not plan.locked else ""


def _in_question(shop: Workshop, cases: Sequence[Case]) -> list[Case]:
    """The cases at which the critic is to look: what it has not seen, and nobody has given up already."""
    seen = shop.library.latest_verdicts((one.take.id for case in cases for one in case.takes), "critic")
    unseen = [case for case in cases if any(one.take.id not in seen for one in case.takes)]
    return [
        case
        for case in unseen
        if not (case.shot.still or case.shot.fallback)
        and (shop.settings.critic == "every" or any(drawn(Made(facts=one.facts)) for one in case.takes))
    ]


def _asked(shop: Workshop, cases: Sequence[Case]) -> dict[str, tuple[Judgement, Room]]:
    """What the model says of each case, by shot; those it could not be asked about are missing."""
    if not cases:
        return {}
    server = configured(shop.settings.model)
    if server is None:
        shop.note("review", f"nobody looks at the takes: {unserved(shop.settings.model)}")
        return {}
    chat = Chat(server, shop.library, shop.settings)
    before, said, stopped, row = chat.budget.spent, dict[str, tuple[Judgement, Room]](), "", 0
    questions = rushes.questions(shop, cases)

    def ask(one: Question) -> Judgement | None:
        pictures = [png.read(shop.library.artifacts.open(picture)) for picture in one.pictures]
        return None if stopped else chat.ask(one.prompt, pictures, Judgement)

    shop.say(Progress("judging", "begin", total=len(questions)))
    for done, (one, answer) in enumerate(together(ask, questions, hands=server.together), start=1):
        if isinstance(answer, Judgement):
            said[one.shot], row = (answer, one.room), 0
        elif answer is not None:
            row += 1
            stopped = stopped or _told(shop, one, answer, last=row >= IN_A_ROW)
        shop.say(Progress("judging", "end" if done == len(questions) else "made", one.shot, done, len(questions)))
    if chat.budget.spent != before:
        shop.note("review", f"{server.who}: {chat.budget.words()}")
    return said


def _told(shop: Workshop, question: Question, error: Exception, *, last: bool) -> str:
    """Say why there is no answer. Why nothing more is to be asked, where it is not the question's own fault, or was
    the `last` of a row of them.
    """
    if not isinstance(error, ChatError):
        raise error
    if isinstance(error, AnswerError | QuestionError):
        shop.note("review", f"the critic says nothing of {question.shot}: {error.what}")
        if not last:
            return ""
    shop.note("review", f"the critic is asked no more: {error.what}")
    return error.what


def _settle(shop: Workshop, tried: Tried, said: Judgement, room: Room, heard: Heard) -> None:
    """Do what the critic says, as far as it may, and keep its verdict."""
    name, decision = tried.shot.id, said.decision
    reason = judgement.one_line(said.reason, judgement.LONGEST_REASON) or "no reason is given"
    if decision == "retake":
        wanted = judgement.edits(shop, tried.shot, said, room, untried_seed(shop.library, tried.shot.plan))
        if hindrance := room.refusal or _hindrance(shop.library, wanted, reason):
            decision, reason = "ask", f"{reason} ({hindrance})"
        else:
            heard.retakes.append(name)
            shop.note("review", f"{name} goes round again, says the critic: {reason} ({_in_short(wanted)})")
    shop.library.add_verdict(tried.take.id, decision, reason, tried.numbers, author="critic")
    if decision == "ask":
        heard.asks[name] = reason


def _hindrance(library: Library, wanted: Sequence[Plan], reason: str) -> str:
    """Revise a shot for a retake. Why that cannot be, or ""."""
    try:
        return "" if retakes.revised(library, wanted, reason) else "it names nothing that it may change"
    except KomadoriError as fault:
        return fault.what


def _in_short(wanted: Sequence[Plan]) -> str:
    return judgement.one_line("; ".join(words.write_change(edit) for edit in wanted), LONGEST_CHANGE)


def _give_up(shop: Workshop, tried: Tried, said: Verdict, retake: Revision) -> Verdict | None:
    """Ask a person where a take is the very one that its retake was to do away with; `said` asked for that one."""
    library = shop.library
    plan = next(plan for plan in library.shots(retake.parent) if plan.id == tried.shot.id)
    filmed = at(shop, plan, tried.shot.attempt)
    if changes.take_of(shop, filmed) != tried.take:
        return None
    reason = f"{said.reason} (filmed again, it came out the same)"
    return library.add_verdict(tried.take.id, "ask", reason, tried.numbers, author="critic")
