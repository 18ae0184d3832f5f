"""The effects that move a picture without a model: what each shot has, where, and how strong."""

from __future__ import annotations

from typing import Literal

from storage.shapes import Shape, Unit, UprightBox

EffectKind = Literal[
    "boil", "sway", "breathe", "water", "smoke", "rain", "snow", "petals", "speed-lines", "flicker", "impact",
    "parallax", "background-pan",
]  # fmt: skip
Cadence = Literal[1, 2, 3]
"""For how many frames of 24 in a second one drawing of an effect is held."""


class MotionEffect(Shape):
    """One effect of a shot; it never moves balloons, lettering or frame lines."""

    kind: EffectKind
    box: UprightBox | None = None
    """Its place in page pixels; None is the whole panel."""
    strength: Unit = 0.5
    """How much of it there is, or how far it moves, 0..1."""
    at: Unit | None = None
    """The moment of an impact, as a share of the shot from 0 to 1."""
