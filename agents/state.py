"""The state that stages pass to each other: ids, counters and short reasons.

It stays small because every checkpoint writes all of it.
"""

from __future__ import annotations

from typing import TypedDict


class StageFailure(TypedDict):
    """Why a shot could not be made, or why its take was rejected: the stage and its reason in words."""

    stage: str
    reason: str


def failure_message(failure: StageFailure) -> str:
    """Return a failure in words. A reason of the review stage stands alone, because nothing failed to be made."""
    return failure["reason"] if failure["stage"] == "review" else f"{failure['stage']}: {failure['reason']}"


class State(TypedDict, total=False):
    """The state of one run over the stages.

    approve         whether a person must approve the storyboard before it is filmed
    approved        the basis of the storyboard that a person has approved (agents/approval.py)
    attempts        shot id -> the number of its current attempt
    failures        shot id -> the stage that failed on it in this round, and why
    retakes         shots that the last review sends to be filmed again
    not_outpainted  shot id -> why no model paints around its panels, though one was requested
    not_animated    shot id -> why no model animates it; what models painted of it stays
    unmet_poses     shot id -> why its drawing does not come to the pictures that it was to come to
    not_layered     shot id -> why the ground of its panel is not moved behind its figures, though that was requested
    not_redrawn     shot id -> why its drawing is not changed, though that was requested
    stills          shot id -> why it is filmed without any model
    fallbacks       shot id -> why it is filmed from the plain page
    not_filmed      shot id -> why there is no take of it at all
    questions       shot id -> the critic's question to a person about it
    silent_lines    balloon id -> why nobody says its line, though voices speak in the film
    fallback_lines  balloon id -> why its line is said by the fallback voice
    mix             content key of the mix; "" where the film is silent
    film            content key of the finished film
    """

    approve: bool
    approved: dict[str, str]
    attempts: dict[str, int]
    failures: dict[str, StageFailure]
    retakes: list[str]
    not_outpainted: dict[str, str]
    not_animated: dict[str, str]
    unmet_poses: dict[str, str]
    not_layered: dict[str, str]
    not_redrawn: dict[str, str]
    stills: dict[str, str]
    fallbacks: dict[str, str]
    not_filmed: dict[str, str]
    questions: dict[str, str]
    silent_lines: dict[str, str]
    fallback_lines: dict[str, str]
    mix: str
    film: str
