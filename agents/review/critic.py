"""Show takes that passed the measures to a vision model, the critic: it approves, asks for a retake, or asks a person.

The critic is not the director: where it cannot be asked, the film goes on without it, with a note that says so. Its
changes become a revision like edits by a person, limited to the choices of `AllowedChanges`.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from agents import planning
from agents.editing import Plan, grammar, history
from agents.fallback_ladder import plan_for_attempt, untried_seed
from agents.llm.batch import ask_in_parallel
from agents.llm.client import ChatClient
from agents.llm.failures import IN_A_ROW
from agents.llm.servers import configured_server, why_unserved
from agents.review import best_of, contact_sheet, critic_schema, retakes
from agents.review.best_of import CandidateSet, TakeCandidate
from agents.review.contact_sheet import CriticQuestion
from agents.review.critic_schema import AllowedChanges, Judgement
from agents.review.fidelity import generated_share
from agents.run_context import Progress, RunContext
from storage.domain import Made, ShotPlan
from storage.errors import AnswerError, ChatError, KomadoriError, QuestionError
from storage.records import Revision, Take, Verdict
from tools import png

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

MAX_CHANGE_CHARACTERS = 80
"""Characters of a note about what a retake changes."""


@dataclass
class CriticOutcome:
    """What the critic wants."""

    retakes: list[str] = field(default_factory=list)
    """Ids of the shots to film again."""
    questions: dict[str, str] = field(default_factory=dict)
    """Shot id -> the question to a person."""


def review_takes(context: RunContext, cases: Sequence[CandidateSet]) -> CriticOutcome:
    """Have the critic judge every new take, choose the best candidates, and revise the shots to film again.

    Args:
        context: The run's context.
        cases: The takes of each shot that passed the measures, the best first.

    Returns:
        The shots to film again and the questions to a person.
    """
    outcome = CriticOutcome()
    open_cases = _cases_to_judge(context, cases) if planning.is_critic_enabled(context.settings) else []
    judgements = _ask_critic(context, open_cases)
    if unjudged := [one.shot.id for one in open_cases if one.made_count > 1 and one.shot.id not in judgements]:
        context.note(
            "review", f"the critic was not heard: the measures choose among the takes of {', '.join(unjudged)}"
        )
    chosen = [one.with_first(judgements[one.shot.id][0].take) if one.shot.id in judgements else one for one in cases]
    best_of.choose_best(context, chosen, judgements)
    before = context.library.latest_verdicts(
        (one.best.take.id for one in chosen if one.shot.id not in judgements), "critic"
    )
    sent = retakes.active_retakes(context.library) if any(one.decision == "retake" for one in before.values()) else {}
    for one in chosen:
        name = one.shot.id
        if name in judgements:
            _apply_judgement(context, one.best, *judgements[name], outcome)
            continue
        verdict = before.get(one.best.take.id)
        if verdict and verdict.decision == "retake" and name in sent:
            verdict = _ask_person(context, one.best, verdict, sent[name][-1]) or verdict
        if question := _question(one.shot.plan, verdict):
            outcome.questions[name] = question
    return outcome


def open_questions(library: Library, shots: Iterable[tuple[ShotPlan, Take]]) -> dict[str, str]:
    """Return the critic's questions to a person about the current takes of shots, by shot id."""
    listed = list(shots)
    verdicts = library.latest_verdicts((take.id for _, take in listed), "critic")
    found = {plan.id: _question(plan, verdicts.get(take.id)) for plan, take in listed}
    return {name: question for name, question in found.items() if question}


def _question(plan: ShotPlan, verdict: Verdict | None) -> str:
    """Return what a verdict of the critic asks a person, "" for nothing; locking the shot answers the question."""
    return verdict.reason if verdict and verdict.decision == "ask" and not plan.locked else ""


def _cases_to_judge(context: RunContext, cases: Sequence[CandidateSet]) -> list[CandidateSet]:
    """Return the cases that the critic should look at: those with new takes, unless the shot fell back to a still."""
    seen = context.library.latest_verdicts((one.take.id for case in cases for one in case.takes), "critic")
    unseen = [case for case in cases if any(one.take.id not in seen for one in case.takes)]
    return [
        case
        for case in unseen
        if not (case.shot.still or case.shot.fallback)
        and (context.settings.critic == "every" or any(generated_share(Made(facts=one.facts)) for one in case.takes))
    ]


def _critic_client(context: RunContext) -> ChatClient | None:
    """Return the client of the critic; None, with a note, where there is no model or it sees no pictures."""
    server = configured_server(context.settings.model)
    if server is None:
        context.note("review", f"nobody looks at the takes: {why_unserved(context.settings.model)}")
        return None
    chat = ChatClient(server, context.library, context.settings)
    if chat.facts.is_text_only:
        context.note("review", f"nobody looks at the takes: {server.described} sees no pictures: {chat.facts.reason}")
        return None
    return chat


def _ask_critic(context: RunContext, cases: Sequence[CandidateSet]) -> dict[str, tuple[Judgement, AllowedChanges]]:
    """Return the model's judgement of each shot with its allowed changes; shots without an answer are missing."""
    chat = _critic_client(context) if cases else None
    if chat is None:
        return {}
    before, judgements, stopped, row = chat.budget.spent, dict[str, tuple[Judgement, AllowedChanges]](), "", 0
    questions = contact_sheet.critic_questions(context, cases)

    def ask(one: CriticQuestion) -> Judgement | None:
        """Ask about one shot, unless asking was stopped."""
        pictures = [png.read_png(context.library.artifacts.open(picture)) for picture in one.pictures]
        return None if stopped else chat.ask(one.prompt, pictures, Judgement, max_tokens=critic_schema.MAX_TOKENS)

    context.on_progress(Progress("judging", "begin", total=len(questions)))
    for done, (one, answer) in enumerate(ask_in_parallel(ask, questions, hands=chat.server.max_parallel), start=1):
        if isinstance(answer, Judgement):
            judgements[one.shot], row = (answer, one.allowed), 0
        elif answer is not None:
            row += 1
            stopped = stopped or _report_error(context, one, answer, last=row >= IN_A_ROW)
        context.on_progress(
            Progress("judging", "end" if done == len(questions) else "made", one.shot, done, len(questions))
        )
    if chat.budget.spent != before:
        context.note("review", f"{chat.server.described}: {chat.budget.summary()}")
    return judgements


def _report_error(context: RunContext, question: CriticQuestion, error: Exception, *, last: bool) -> str:
    """Report why a question has no answer.

    Returns:
        Why no more questions should be asked: the error is not the question's own, or it is the `last` of several in a
            row.
        "" where asking goes on.
    """
    if not isinstance(error, ChatError):
        raise error
    if isinstance(error, AnswerError | QuestionError):
        context.note("review", f"the critic says nothing of {question.shot}: {error.what}")
        if not last:
            return ""
    context.note("review", f"the critic is asked no more: {error.what}")
    return error.what


def _apply_judgement(
    context: RunContext, candidate: TakeCandidate, judgement: Judgement, allowed: AllowedChanges, outcome: CriticOutcome
) -> None:
    """Carry out the critic's judgement as far as it is allowed, and keep its verdict."""
    name, decision = candidate.shot.id, judgement.decision
    reason = critic_schema.one_line(judgement.reason, critic_schema.MAX_REASON_CHARACTERS) or "no reason is given"
    if decision == "retake":
        edits = critic_schema.edits_of_judgement(
            context, candidate.shot, judgement, allowed, untried_seed(context.library, candidate.shot.plan)
        )
        if hindrance := allowed.refusal or _apply_retake(context.library, edits, reason):
            decision, reason = "ask", f"{reason} ({hindrance})"
        else:
            outcome.retakes.append(name)
            context.note("review", f"{name} goes round again, says the critic: {reason} ({_summarize_edits(edits)})")
    context.library.add_verdict(candidate.take.id, decision, reason, candidate.numbers, author="critic")
    if decision == "ask":
        outcome.questions[name] = reason


def _apply_retake(library: Library, edits: Sequence[Plan], reason: str) -> str:
    """Apply the edits of a retake, and return why that is impossible, or ""."""
    try:
        return "" if retakes.apply_critic_edits(library, edits, reason) else "it names nothing that it may change"
    except KomadoriError as fault:
        return fault.what


def _summarize_edits(edits: Sequence[Plan]) -> str:
    """Return what edits change, in one short line."""
    return critic_schema.one_line("; ".join(grammar.write_change(edit) for edit in edits), MAX_CHANGE_CHARACTERS)


def _ask_person(context: RunContext, candidate: TakeCandidate, verdict: Verdict, retake: Revision) -> Verdict | None:
    """Ask a person where a retake came out the same as the take that it should have replaced.

    Returns:
        The new verdict; None where the take is another one.
    """
    library = context.library
    plan = next(plan for plan in library.shots(retake.parent) if plan.id == candidate.shot.id)
    filmed = plan_for_attempt(context, plan, candidate.shot.attempt)
    if history.take_of_plan(context, filmed) != candidate.take:
        return None
    reason = f"{verdict.reason} (filmed again, it came out the same)"
    return library.add_verdict(candidate.take.id, "ask", reason, candidate.numbers, author="critic")
