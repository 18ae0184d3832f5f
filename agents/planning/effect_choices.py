"""Offer a model the effects that move a drawing without a model, and turn its choice into effects of a shot."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated, Any, Literal, get_args

from pydantic import BeforeValidator, Field

from agents.llm.structured_output import Answer
from storage.domain import Box, MotionEffect, PageTranscript, Panel
from storage.effects import EffectKind
from tools import geometry
from tools.motion import load_effect, moves_ground

NO_EFFECT = "none"
WORDS: tuple[str, ...] = (NO_EFFECT, *get_args(EffectKind))
LEAST_SIDE = 0.02
"""Least width and height of a place, as a share of the picture."""

NOWHERE = [0.0, 0.0, 0.0, 0.0]
"""What stands for a place that is no box: an effect without a place is none, and not one of the whole panel."""


def effect_fields(people: int) -> dict[str, Any]:
    """Return the fields of a shot's answer about effects, for a page with so many people."""
    fields: dict[str, Any] = {
        "effect": (
            Annotated[Literal[WORDS], BeforeValidator(lambda said: said if said in WORDS else NO_EFFECT)],
            Field(default=NO_EFFECT, description="what moves in the drawing itself, without a model; usually none"),
        ),
        "effect_box": (
            Annotated[list[float], BeforeValidator(_fractions)],
            Field(default_factory=list, description="where: left, top, right, bottom as fractions 0..1 of the picture; "
                  "[] is the whole panel"),
        ),
    }  # fmt: skip
    about = "or the number of the person who sways or breathes; 0 is nobody"
    person = Annotated[int, BeforeValidator(lambda said: said if type(said) is int and 0 < said <= people else 0)]
    return fields | ({"effect_person": (person, Field(default=0, description=about))} if people else {})


def chosen_effects(
    shot: Answer, page: PageTranscript, shown: Sequence[Panel], view: Box, people: Sequence[str]
) -> tuple[MotionEffect, ...]:
    """Return the effect that an answer asks for; none where its place is not in the shot.

    Args:
        shot: The answer about one shot.
        page: Its page.
        shown: The panels of the shot.
        view: The part of the page that the model has seen, in page pixels.
        people: The characters of the page, as the model sees them numbered from 1.
    """
    kind = getattr(shot, "effect", NO_EFFECT)
    if kind == NO_EFFECT:
        return ()
    person, fractions = getattr(shot, "effect_person", 0), getattr(shot, "effect_box", [])
    box = None
    if person:
        ids = {panel.id for panel in shown}
        seen = [one.box for one in page.characters if one.character == people[person - 1] and one.panel in ids]
        if not seen:
            return ()
        box = max(seen, key=lambda one: one.area)
    elif fractions:
        x0, y0, x1, y1 = fractions
        box = Box(
            view.x0 + x0 * view.width, view.y0 + y0 * view.height, view.x0 + x1 * view.width, view.y0 + y1 * view.height
        )
        if not any(geometry.overlap_area(box, panel.box) > 0.5 * box.area for panel in shown):
            return ()
    known = {one.panel for one in page.characters}
    if moves_ground(load_effect(kind)) and box is None and not any(panel.id in known for panel in shown):
        return ()  # nobody knows what stands before the ground
    # an impact shakes the whole view
    said = {"kind": kind, "at": 0.0} if kind == "impact" else {"kind": kind, "box": box}
    return (MotionEffect.model_validate(said),)


def _fractions(said: object) -> list[float]:
    """Return four fractions that are a box, [] where none is named, or `NOWHERE`."""
    if said is None or said == []:
        return []
    if not isinstance(said, list) or len(said) != 4 or any(type(edge) not in (int, float) for edge in said):
        return NOWHERE
    x0, y0, x1, y1 = (float(edge) for edge in said)
    is_box = min(x0, y0) >= 0 and max(x1, y1) <= 1 and min(x1 - x0, y1 - y0) >= LEAST_SIDE
    return [x0, y0, x1, y1] if is_box else NOWHERE
