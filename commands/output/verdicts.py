"""Describe in words whether a take is accepted, and why."""

from __future__ import annotations

from agents.review.verdicts import judge_take
from agents.run_context import RunContext
from storage.domain import ShotPlan
from storage.records import Take


def verdict_of(context: RunContext, plan: ShotPlan, take: Take) -> str:
    """Describe whether a take is accepted and why, and name the critic where the opinion is the critic's.

    The measures under the current bounds come first, then the critic's opinion, then the note of a review.
    """
    verdict = judge_take(context, plan, take)
    if verdict and verdict.faults:
        return f"{verdict.decision}: {verdict.reason}"
    critic_verdict = context.library.latest_verdict(take.id, "critic")
    if critic_verdict:
        return f"{critic_verdict.decision} (critic)" + (f": {critic_verdict.reason}" if critic_verdict.reason else "")
    if verdict is None:
        return "not reviewed"
    note = context.library.latest_verdict(take.id, "measures")
    return "approve" + (f": {note.reason}" if note and note.decision == "approve" and note.reason else "")
