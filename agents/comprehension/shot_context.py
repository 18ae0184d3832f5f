"""Describe the people and the place of a shot for prompts of generative models."""

from __future__ import annotations

from agents.llm.structured_output import to_one_line
from storage.comprehension import Comprehension
from storage.domain import ShotPlan

MAX_CHARACTERS = 420
"""Most characters: text encoders of image models read little, and the motion comes before this text."""
MAX_PEOPLE = 3


def appearance_prompt(comprehension: Comprehension, plan: ShotPlan) -> str:
    """Return the looks of the shot's people and its place in one line, without names; "" if unknown."""
    looks = [said for who in plan.characters[:MAX_PEOPLE] if (said := comprehension.looks_of(who))]
    setting = comprehension.page(plan.page).setting
    return to_one_line("; ".join([*looks, *([setting] if setting else [])]), MAX_CHARACTERS)
