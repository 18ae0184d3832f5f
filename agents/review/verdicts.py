"""Judge a take by its measures and the limits in the current settings.

A verdict of the measures is computed where it is needed, because other settings give another verdict. The rows in the
library are the history of what reviews said, and keep the numbers that were measured.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from agents.fallback_ladder import max_generated, next_attempt
from agents.run_context import RunContext
from agents.shots import ShotToFilm
from storage.domain import ShotPlan
from storage.records import Take
from tools.measuring import fidelity, measures
from tools.measuring.faults import TakeFault

RESEEDING_MARGIN = 1.5
"""A shot with more generated pixels than this many times its limit is not tried with another seed."""


@dataclass(frozen=True)
class MeasuredVerdict:
    """What the measures of a take say under the current limits."""

    faults: tuple[TakeFault, ...] = ()

    @property
    def decision(self) -> Literal["approve", "retake"]:
        """Whether the take stands: "approve" where there are no faults, else "retake"."""
        return "retake" if self.faults else "approve"

    @property
    def reason(self) -> str:
        """The faults in words; "" where there are none."""
        return "; ".join(fault.message() for fault in self.faults)

    @property
    def is_beyond_reseeding(self) -> bool:
        """Whether models generated so much that no other seed brings the shot within its limit."""
        return any(
            fault.kind == "generated" and fault.measured > RESEEDING_MARGIN * fault.bound for fault in self.faults
        )


def judge_measures(take_measures: Mapping[str, float], *, max_generated: float, max_drift: float) -> MeasuredVerdict:
    """Judge a take by its measures.

    Args:
        take_measures: The measures of the segment and of its fidelity, by name; a missing one is no fault.
        max_generated: The share of the picture that models may generate, 0..1.
        max_drift: How far frames may drift from the panel, 0..1.
    """
    fidelity_faults = fidelity.fidelity_faults(take_measures, max_generated=max_generated, max_drift=max_drift)
    return MeasuredVerdict((*measures.segment_faults(take_measures), *fidelity_faults))


def judge_shot(context: RunContext, plan: ShotPlan, take_measures: Mapping[str, float]) -> MeasuredVerdict:
    """Judge a take by its measures and the limits of the film, or of its shot where that has its own."""
    return judge_measures(
        take_measures, max_generated=max_generated(context, plan), max_drift=context.settings.max_drift
    )


def judge_take(context: RunContext, plan: ShotPlan, take: Take) -> MeasuredVerdict | None:
    """Judge a take of a shot by its stored measures; None where it was never measured."""
    measured = context.library.measures([take.id]).get(take.id)
    return None if measured is None else judge_shot(context, plan, measured)


def attempt_after(
    context: RunContext, shot: ShotToFilm, failed_stage: str, verdict: MeasuredVerdict | None = None
) -> int | None:
    """Return the number of the attempt that follows a failed one, or None where none is left.

    Args:
        context: The run's context.
        shot: The shot at the attempt that failed.
        failed_stage: The stage that could not make it, or "review" where its take was rejected.
        verdict: The verdict of the measures on its take, where it has one.
    """
    if shot.fallback:
        return None
    is_beyond_reseeding = verdict is not None and verdict.is_beyond_reseeding
    return next_attempt(
        context, shot.plan, shot.attempt, failed_stage=failed_stage, is_beyond_reseeding=is_beyond_reseeding
    )
