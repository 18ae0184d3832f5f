"""Add effects such as rain or line boil to shots, remove them, and describe those that a shot has."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.editing import AddEffect, ClearEffects
from agents.editing.framing import box_in_panels
from agents.editing.refusals import EditError
from agents.editing.selectors import short_name
from agents.editing.storyboard import EditableStoryboard
from agents.planning.effect_times import Effects, delay_effects, with_effects
from agents.planning.framing import panel_polygon
from storage.domain import MotionEffect, ShotPlan
from storage.effects import EffectKind
from tools import geometry

MOST_EFFECTS = 6
"""Most effects of one shot: more of them are a blur, and slow to film."""
GROUND: tuple[EffectKind, ...] = ("parallax", "background-pan")
"""Kinds that move the ground of a panel behind its figures: a shot has one of them at one place."""
LOOKING: tuple[EffectKind, ...] = ("speed-lines", *GROUND)
"""Kinds whose place is what they look at: a place does not keep them in one panel."""


def add_effect(board: EditableStoryboard, edit: AddEffect) -> EditableStoryboard:
    """Add an effect to the selected shots; it takes the place of one of its kind at the same place or moment.

    Raises:
        EditError: Its place is not in the picture, its moment is after the end of a shot, or a shot has too many.
    """
    found, board = board.select_unlocked(edit.which)
    return board.with_shots([_with_effect(board, shot, edit) for shot in found])


def clear_effects(board: EditableStoryboard, edit: ClearEffects) -> EditableStoryboard:
    """Remove all effects of the selected shots."""
    found, board = board.select_unlocked(edit.which)
    return board.with_shots(_with_effects(shot, ()) for shot in found)


def join_effects(
    board: EditableStoryboard, shots: Sequence[ShotPlan], starts: Sequence[float], seconds: float
) -> Effects:
    """Return the effects of shots that become one, each in its own panels and at its own moment.

    Args:
        board: The storyboard.
        shots: The shots, of one page.
        starts: The second of the new shot at which each of them begins.
        seconds: How long the new shot lasts.
    """
    found: list[MotionEffect] = []
    for shot, start in zip(shots, starts, strict=True):
        for effect in delay_effects(shot.render_options.effects, shot.seconds, start, seconds):
            found += (one for one in _keep_in_panels(board, effect, shot, shots) if one not in found)
    return tuple(found)


def describe_effects(shot: ShotPlan) -> str:
    """Describe the effects of a shot in the words of the grammar; "" where it has none."""
    return "; ".join(describe_effect(effect, shot.seconds) for effect in shot.render_options.effects)


def describe_effect(effect: MotionEffect, seconds: float) -> str:
    """Describe an effect of a shot that lasts so many seconds."""
    where = f" on box {','.join(f'{edge:.0f}' for edge in effect.box)}" if effect.box else ""
    when = f" at {effect.at * seconds:.1f} s" if effect.at is not None else ""
    return f"{effect.kind} {effect.strength:.0%}{where}{when}"


def _with_effect(board: EditableStoryboard, shot: ShotPlan, edit: AddEffect) -> ShotPlan:
    name = short_name(shot.id)
    if edit.at is not None and edit.at >= shot.seconds:
        what = f"shot {name} ends after {shot.seconds:.1f} s, and nothing happens in it at {edit.at:g} s"
        raise EditError(
            what, f"name an earlier moment: shot {name} impact at {shot.seconds / 2:.1f}", "after_the_end", shot=shot.id
        )
    moment = edit.at or 0.0 if edit.kind == "impact" else None
    place = box_in_panels(board, shot, edit, f"name a place in its panel: shot {name} effect {edit.kind} on center")
    effect = MotionEffect(
        kind=edit.kind,
        box=None if edit.kind == "impact" else place,  # it shakes the whole view
        strength=edit.strength,
        at=None if moment is None else min(1.0, moment / shot.seconds),
    )
    others = tuple(one for one in shot.render_options.effects if not _replaces(effect, one))
    if len(others) >= MOST_EFFECTS:
        what = f"shot {name} has {len(others)} effects already"
        raise EditError(what, f"remove them first: shot {name} no effects", "too_many_effects", shot=shot.id)
    return _with_effects(shot, (*others, effect))


def _replaces(effect: MotionEffect, other: MotionEffect) -> bool:
    """Return whether an effect takes the place of another: a ground moves in one way, and so do equal kinds."""
    if effect.kind in GROUND and other.kind in GROUND:
        return effect.box == other.box or None in (effect.box, other.box)
    return (effect.kind, effect.box, effect.at) == (other.kind, other.box, other.at)


def _with_effects(shot: ShotPlan, effects: Effects) -> ShotPlan:
    return shot.model_copy(update={"render_options": with_effects(shot.render_options, effects)})


def _keep_in_panels(
    board: EditableStoryboard, effect: MotionEffect, shot: ShotPlan, shots: Sequence[ShotPlan]
) -> Iterator[MotionEffect]:
    """Yield an effect of a shot that is merged with others: where it was on whole panels, on each of them."""
    there = {name for other in shots if effect in other.render_options.effects for name in other.panels}
    is_everywhere = all(name in there for other in shots for name in other.panels)
    if effect.at is not None or effect.box or effect.kind in LOOKING or is_everywhere:
        yield effect
        return
    for panel in board.page(shot).panels:
        if panel.id in shot.panels:
            yield effect.model_copy(update={"box": geometry.bounding_box(panel_polygon(panel))})
