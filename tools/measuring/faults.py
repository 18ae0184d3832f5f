"""A fault of a take as data: its kind, the measured value, and the bound that it exceeds."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

FaultKind = Literal[
    "too_long", "too_short", "wrong_format", "empty", "frozen", "unsteady", "jump",
    "generated", "drift", "lost_at_end", "lost_on_the_way", "flicker", "cut", "doubled", "unlike",
]  # fmt: skip

_MESSAGES: dict[FaultKind, str] = {
    "too_long": "it is {0.measured:.0f} frames too long",
    "too_short": "it is {0.measured:.0f} frames too short",
    "wrong_format": "its size or its rate is not the film's",
    "empty": "{0.measured:.0%} of it is empty",
    "frozen": "the camera stands still where it should move",
    "unsteady": "the picture moves where it should hold",
    "jump": "the camera jumps by {0.measured:.0f} pixels",
    "generated": "{0.measured:.0%} of it is drawn by a model, over the bound of {0.bound:.0%}",
    "drift": "its frames left the panel: drift {0.measured:.2f}, over the bound of {0.bound:.2f}",
    "lost_at_end": "it ends as another picture: {0.measured:.2f} of it is lost, over the bound of {0.bound:.2f}",
    "lost_on_the_way": "it becomes another picture: {0.measured:.2f} of it is lost, over the bound of {0.bound:.2f}",
    "flicker": "its frames flicker by {0.measured:.0%} of the tones",
    "cut": "it cuts to another picture: {0.measured:.0%} of the tones change at once",
    "doubled": "a figure stands beyond its panel once more: {0.measured:.2f} over the bound of likeness",
    "unlike": "a figure no longer looks like itself: {0.measured:.2f} below the bound of likeness",
}


@dataclass(frozen=True)
class TakeFault:
    """One thing that is wrong with a take.

    Attributes:
        kind: What is wrong.
        measured: The measured value, in the unit of its kind: frames, film pixels, or a share of 0..1.
        bound: The highest value, in the same unit, at which it would not be a fault.
    """

    kind: FaultKind
    measured: float
    bound: float = 0.0

    def message(self) -> str:
        """Return the fault as a sentence."""
        return _MESSAGES[self.kind].format(self)
