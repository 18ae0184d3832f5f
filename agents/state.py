"""The state that stages pass to each other: ids, counters and short reasons.

It stays small because every checkpoint writes all of it.
"""

from __future__ import annotations

from typing import TypedDict


class StageFailure(TypedDict):
    """Why a shot could not be made, or why its take may not stand: the stage that says so, and its reason in words."""

    stage: str
    reason: str


def failure_message(failure: StageFailure) -> str:
    """Say a failure in words; a review judges what was made, so its reason stands alone."""
    return failure["reason"] if failure["stage"] == "review" else f"{failure['stage']}: {failure['reason']}"


class State(TypedDict, total=False):
    """The state of one run over the route.

    approve    whether somebody is to agree to the storyboard before it is filmed
    approved   what somebody has agreed to (agents/approval.py)
    attempts   shot id -> how many takes of it a review has turned down in this run
    broken     shot id -> which stage failed on it in this round, and why
    retakes    shots that the last review sends round again
    spared     shot id -> why no model paints around its panels, though one is asked to
    resting    shot id -> why no model moves it; what models painted of it stays
    stills     shot id -> why it is filmed without any model
    fallbacks  shot id -> why it is filmed from the plain page
    lost       shot id -> why there is no take of it at all
    asks       shot id -> what the critic asks a person about it
    film       hash of the finished film
    """

    approve: bool
    approved: dict[str, str]
    attempts: dict[str, int]
    broken: dict[str, StageFailure]
    retakes: list[str]
    spared: dict[str, str]
    resting: dict[str, str]
    stills: dict[str, str]
    fallbacks: dict[str, str]
    lost: dict[str, str]
    asks: dict[str, str]
    film: str
