"""Have every line spoken before the shots are planned, because a voice decides how long its shot lasts."""

from __future__ import annotations

from collections.abc import Mapping

from agents.executors import Job
from agents.llm.budget import total_spent
from agents.run_context import RunContext
from agents.sound import speech
from agents.state import State
from storage.domain import Made, PageTranscript, Transcript


def run(context: RunContext, state: State) -> State:
    """Record the lines that are missing, and keep in the transcript how long each one is.

    A line that cannot be spoken, or that is not paid for within `max_cost`, is silent, and named.
    """
    if not speech.choose_backend(context.settings):
        return {}  # a transcript that was just read has no lengths of speech
    transcript = context.library.transcript()
    assert transcript is not None, "read comes before voice"
    plan = speech.plan_speech(context, transcript)
    for reason in plan.unspoken:
        context.note("voice", reason)
    jobs, found = _affordable_jobs(context, plan)
    results = context.make("voice", jobs.values(), found)
    _record_payments(context, plan, results.made)
    for balloon, job in jobs.items():
        if job.key in results.failed:
            context.note("voice", f"{balloon} is not spoken: {results.failed[job.key]}")
    made = {balloon: results.made[job.key] for balloon, job in jobs.items() if job.key in results.made}
    spoken = _with_seconds(transcript, {balloon: float(str(one.facts["seconds"])) for balloon, one in made.items()})
    if spoken != transcript:
        context.library.set_transcript(spoken)
    return {}


def _affordable_jobs(context: RunContext, plan: speech.SpeechPlan) -> tuple[dict[str, Job], dict[str, Made]]:
    """Return the jobs that may be paid for, in order, and the results that there are already."""
    found = context.library.find_many({job.key for job in plan.jobs.values()})
    _record_payments(context, plan, found)  # also what an earlier run paid for before it was stopped
    left = context.settings.max_cost - total_spent(context.library.events(kinds={"asked"}))[1]
    jobs, silent, paid_for = dict[str, Job](), list[str](), set(found)
    for balloon, job in plan.jobs.items():
        price = 0.0 if job.key in paid_for else plan.price_of(job)
        if price > 0 and price > left:
            silent.append(balloon)
            continue
        left -= price
        paid_for.add(job.key)
        jobs[balloon] = job
    if silent:
        limit = f"the film may cost {context.settings.max_cost:.2f} dollars (allow more with --max-cost)"
        context.note("voice", f"{len(silent)} lines are silent, from {silent[0]} on: {limit}")
    return jobs, found


def _record_payments(context: RunContext, plan: speech.SpeechPlan, made: Mapping[str, Made]) -> None:
    """Record what spoken lines have cost, each once, beside what language models cost."""
    if not plan.price:
        return
    paid = {str(event.facts.get("key", "")) for event in context.library.events(kinds={"asked"})}
    for job in {job.key: job for job in plan.jobs.values()}.values():
        if job.key in made and job.key not in paid:
            facts: dict[str, str | float | int] = {
                "read": 0, "written": 0, "cost": plan.price_of(job), "model": plan.backend, "key": job.key,
            }  # fmt: skip
            context.library.add_event("voice", "asked", job.label, **facts)


def _with_seconds(transcript: Transcript, seconds: Mapping[str, float]) -> Transcript:
    """Return the transcript with how long each line is spoken, by the id of its balloon; 0 for all others."""

    def on_page(page: PageTranscript) -> PageTranscript:
        balloons = tuple(
            balloon.model_copy(update={"spoken_seconds": seconds.get(balloon.id, 0.0)}) for balloon in page.balloons
        )
        return page if balloons == page.balloons else page.model_copy(update={"balloons": balloons})

    return transcript.model_copy(update={"pages": tuple(map(on_page, transcript.pages))})
