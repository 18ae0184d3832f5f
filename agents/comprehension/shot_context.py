"""Describe the people and the place of a shot for prompts of generative models."""

from __future__ import annotations

from agents.llm.structured_output import to_one_line
from storage.comprehension import Comprehension
from storage.domain import ShotPlan

LONGEST = 420
"""Most characters: text encoders of image models read little, and the motion comes before this text."""
MOST_PEOPLE = 3


def appearance_prompt(found: Comprehension, plan: ShotPlan) -> str:
    """Return the looks of the shot's people and its place in one line, without names; "" if unknown."""
    looks = [said for who in plan.characters[:MOST_PEOPLE] if (said := found.looks_of(who))]
    setting = found.page(plan.page).setting
    return to_one_line("; ".join([*looks, *([setting] if setting else [])]), LONGEST)
