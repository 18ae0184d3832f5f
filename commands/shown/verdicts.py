"""Say in words what is thought of a take."""

from __future__ import annotations

from agents.reviewing.verdicts import judge_take
from agents.workshop import Workshop
from storage.records import Take
from storage.shapes import ShotPlan


def verdict_of(shop: Workshop, plan: ShotPlan, take: Take) -> str:
    """Say what becomes of a take and why, and whose opinion it is where that is the critic's.

    What its measures say under the bounds in force comes first, then what the critic said, then what a review noted.
    """
    verdict = judge_take(shop, plan, take)
    if verdict and verdict.faults:
        return f"{verdict.decision}: {verdict.reason}"
    said = shop.library.latest_verdict(take.id, "critic")
    if said:
        return f"{said.decision} (critic)" + (f": {said.reason}" if said.reason else "")
    if verdict is None:
        return "not reviewed"
    noted = shop.library.latest_verdict(take.id, "measures")
    return "approve" + (f": {noted.reason}" if noted and noted.decision == "approve" and noted.reason else "")
