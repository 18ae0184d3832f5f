"""Have every line spoken before the shots are planned, because a voice decides how long its shot lasts."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping
from math import isinf

from agents.executors import Job
from agents.llm.budget import total_spent
from agents.run_context import RunContext
from agents.sound import speech
from agents.sound.speech import SpeechPlan, SpokenBook
from agents.sound.speech_facts import choose_backends, keep_facts
from agents.state import State
from storage.domain import Made, PageTranscript, Transcript
from storage.errors import BackendError, PriceUnknown

Faults = Mapping[str, str]
"""Why a backend did not say lines, in words, by the ids of their balloons."""


def run(context: RunContext, state: State) -> State:
    """Record the lines that are missing, and keep in the transcript how long each one is.

    A line that the film's own voice cannot say, or that is not paid for within `max_cost`, is said by the fallback
    voice. What that cannot say either is silent, and named.

    Raises:
        BackendError: Nothing is known of the voices of any backend.
        PriceUnknown: It has said nothing yet, what it costs is not known, and no other backend speaks.
    """
    if not choose_backends(context.settings, context.library):
        return {"silent_lines": {}, "fallback_lines": {}}  # a transcript that was just read has no lengths of speech
    transcript = context.library.transcript()
    assert transcript is not None, "read comes before voice"
    book = speech.spoken_book(context.settings, context.library, transcript)
    made, replaced, silent = _record_book(context, book)
    spoken = _with_seconds(transcript, {balloon: float(str(one.facts["seconds"])) for balloon, one in made.items()})
    if spoken != transcript:
        context.library.set_transcript(spoken)
    _note_reasons(context, f"said by {book.backends[-1]}", replaced)
    _note_reasons(context, "silent", silent)
    return {"silent_lines": silent, "fallback_lines": replaced}


def _record_book(context: RunContext, book: SpokenBook) -> tuple[dict[str, Made], dict[str, str], dict[str, str]]:
    """Let each backend in turn say the lines that those before it could not.

    Returns:
        The recordings, why lines are said by another voice than the film's own, and why lines are silent.
    """
    recorded, replaced, unusable = dict[str, Made](), dict[str, str](), list[BackendError]()
    faults = defaultdict[str, list[str]](list)
    for name in book.backends:
        left = [balloon for balloon in book.lines if balloon not in recorded]
        if not left:
            break
        try:
            made, why_not = _record_lines(context, book, name, left)
        except BackendError as error:
            unusable.append(error)
            made, why_not = {}, dict.fromkeys(left, str(error))
        recorded |= made
        replaced |= {balloon: faults[balloon][0] for balloon in made if balloon in faults}
        for balloon, reason in why_not.items():
            faults[balloon].append(reason)
    if len(unusable) == len(book.backends):
        raise unusable[0]
    silent = {balloon: "; ".join(reasons) for balloon, reasons in faults.items() if balloon not in recorded}
    return recorded, replaced, silent


def _record_lines(
    context: RunContext, book: SpokenBook, name: str, balloons: Collection[str]
) -> tuple[dict[str, Made], Faults]:
    """Let a backend say lines: return the recordings, old and new, and why there are no others.

    Raises:
        BackendError: Nothing is known of its voices.
        PriceUnknown: It has said nothing yet, and what it costs is not known.
    """
    plan, found = _plan_lines(context, book, name, balloons)
    facts = plan.facts
    assert facts is not None, "it was asked"
    if not facts.is_remembered:
        keep_facts(context.settings, context.library, facts)
    if name == book.backends[0]:
        for voice in plan.unknown_voices:
            context.note("voice", f"{name} has no voice {voice}: another one speaks")
    _record_payments(context, plan, found)  # also what an earlier run paid for before it was stopped
    faults = {balloon: reason for balloon, reason in plan.voiceless.items() if balloon in balloons}
    jobs = {balloon: plan.jobs[balloon] for balloon in balloons if balloon in plan.jobs and balloon not in found}
    if facts.fault:
        return found, faults | dict.fromkeys(jobs, facts.fault)
    affordable, reason = _affordable_jobs(context, plan, jobs)
    if isinstance(reason, PriceUnknown) and jobs and not found:
        raise reason
    faults |= dict.fromkeys(jobs.keys() - affordable.keys(), f"{reason.what} ({reason.hint})")
    known = {plan.jobs[balloon].key: made for balloon, made in found.items()}
    results = context.make("voice", [*(plan.jobs[balloon] for balloon in found), *affordable.values()], known)
    made = {balloon: results.made[job.key] for balloon, job in affordable.items() if job.key in results.made}
    _record_payments(context, plan, made)
    faults |= {balloon: results.failed[job.key] for balloon, job in affordable.items() if job.key in results.failed}
    return found | made, faults


def _plan_lines(
    context: RunContext, book: SpokenBook, name: str, balloons: Collection[str]
) -> tuple[SpeechPlan, dict[str, Made]]:
    """Return how a backend says lines, and those that it has said already. A server is asked only where lines are left.

    Raises:
        BackendError: Nothing is known of its voices.
    """
    plan = speech.plan_speech(context.settings, context.library, book, name)
    found = speech.find_recordings(context.library, plan.jobs, balloons)
    left = {balloon for balloon in balloons if balloon not in found and balloon not in plan.voiceless}
    facts = plan.facts
    may_know_more = facts is None or (facts.is_remembered and not facts.fault)
    if may_know_more and (left or facts is None or book.languages - facts.voices.keys()):
        plan = speech.plan_speech(context.settings, context.library, book, name, ask=True)
        found = speech.find_recordings(context.library, plan.jobs, balloons)
    return plan, found


def _affordable_jobs(
    context: RunContext, plan: SpeechPlan, jobs: Mapping[str, Job]
) -> tuple[dict[str, Job], BackendError]:
    """Return the jobs that may be paid for, in the order of the lines, and why others may not.

    Equal lines are paid for once. Where the price is not known, lines are paid for only in a film that may cost
    anything.
    """
    most = context.settings.max_cost
    reason = BackendError(f"the film may cost {most:.2f} dollars", "allow more with --max-cost")
    if plan.is_free or isinf(most):
        return dict(jobs), reason
    left = most - total_spent(context.library.events(kinds={"asked"}))[1]
    affordable, paid_for = dict[str, Job](), set[str]()
    for balloon, job in jobs.items():
        price = 0.0 if job.key in paid_for else plan.price_of(job)
        if price is None:
            return {}, speech.unknown_price(job.arguments["backend"], most)
        if price <= left:
            left -= price
            paid_for.add(job.key)
            affordable[balloon] = job
    return affordable, reason


def _record_payments(context: RunContext, plan: SpeechPlan, made: Iterable[str]) -> None:
    """Record what spoken lines have cost, each once, beside what language models cost."""
    jobs = {plan.jobs[balloon].key: plan.jobs[balloon] for balloon in made}
    if plan.facts is None or plan.is_free:
        return
    paid = {str(event.facts.get("key", "")) for event in context.library.events(kinds={"asked"})}
    for key, job in jobs.items():
        if key not in paid:
            facts: dict[str, str | float | int] = {
                "read": 0, "written": 0, "cost": plan.price_of(job) or 0.0, "model": plan.facts.backend, "key": key,
            }  # fmt: skip
            context.library.add_event("voice", "asked", job.label, **facts)


def _note_reasons(context: RunContext, what: str, why: Faults) -> None:
    """Report what happened to lines, once for each reason."""
    for reason, count in Counter(why.values()).items():
        first = next(balloon for balloon, one in why.items() if one == reason)
        lines = f"{first} is" if count == 1 else f"{count} lines, from {first} on, are"
        context.note("voice", f"{lines} {what}: {reason}")


def _with_seconds(transcript: Transcript, seconds: Mapping[str, float]) -> Transcript:
    """Return the transcript with how long each line is spoken, by the id of its balloon; 0 for all others."""

    def on_page(page: PageTranscript) -> PageTranscript:
        balloons = tuple(
            balloon.model_copy(update={"spoken_seconds": seconds.get(balloon.id, 0.0)}) for balloon in page.balloons
        )
        return page if balloons == page.balloons else page.model_copy(update={"balloons": balloons})

    return transcript.model_copy(update={"pages": tuple(map(on_page, transcript.pages))})
