"""What a project has learned of how its characters look: LoRAs, each for one character and one model."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.cache import Cache

LEARN = "learn"
"""The name of the stage, and of the tool under which its results are kept."""


@dataclass(frozen=True)
class LearnedCharacter:
    """What the project has learned of one character for one model."""

    character: str
    """The id of the character."""
    base: str
    """The identity of the model that it is for."""
    file: str
    """The hash of the LoRA among the artifacts."""
    sightings: int
    steps: int
    key: str
    """The content key of the result."""


def learned_characters(cache: Cache) -> tuple[LearnedCharacter, ...]:
    """Return what was learned last of each character for each model, in the order in which it was learned."""
    newest = dict[tuple[str, str], LearnedCharacter]()
    for key, made in cache.find_by_tool(LEARN):
        facts = made.facts
        learned = LearnedCharacter(
            str(facts["character"]),
            str(facts["base"]),
            made.artifacts["lora"].sha256,
            int(str(facts["sightings"])),
            int(str(facts["steps"])),
            key,
        )
        newest.pop((learned.character, learned.base), None)
        newest[learned.character, learned.base] = learned
    return tuple(newest.values())
