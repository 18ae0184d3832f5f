"""Change the drawing of shots by words, which an image editor follows, and describe such changes."""

from __future__ import annotations

from collections.abc import Sequence

from agents.editing import SetRedraw
from agents.editing.framing import box_in_panels, character_box
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector, describe_shots, fold_name, short_name
from agents.editing.storyboard import EditableStoryboard
from storage.domain import Box, Redraw, ShotPlan
from tools import geometry

MAX_SHARED = 0.25
"""How much of a panel the boxes of its neighbours may hold: slanted panels have boxes that overlap."""


def set_redraw(board: EditableStoryboard, edit: SetRedraw) -> EditableStoryboard:
    """Set what is changed in the drawing of the selected shots; without a prompt they are as they were drawn.

    Raises:
        EditError: Its place is not in the picture.
    """
    found, board = board.select_unlocked(edit.which)
    return board.with_shots([_with_redraw(board, shot, edit) for shot in found])


def join_redraws(board: EditableStoryboard, shots: Sequence[ShotPlan]) -> Redraw | None:
    """Return what is changed in the drawing of shots that become one: what is changed in one of them, in its panels.

    Raises:
        EditError: Unlike things are changed in them, and a shot has one change of its drawing; or the place of the
            change would hold an unchanged shot, such as one between them.
    """
    changed = [shot for shot in shots if shot.render_options.redraw is not None]
    if not changed:
        return None
    first, *others = (shot.render_options.redraw for shot in changed)
    if first is None or any(other != first for other in others):
        what = f"the drawing of {describe_shots(changed)} is changed in more than one way, and a shot has one change"
        raise EditError(
            what, f"say first: shot {short_name(changed[1].id)} no redraw", "several_redraws", shot=changed[1].id
        )
    if first.box is not None or len(changed) == len(shots):
        return first
    place = geometry.union_box(box for shot in changed for box in board.panels(shot))
    for shot in shots:
        if shot not in changed and any(_covers(place, panel) for panel in board.panels(shot)):
            what = f"{describe_shots([shot])} is not changed, and lies within the place that would be changed"
            hint = f'say first: shot {short_name(shot.id)} redraw "{first.prompt}"'
            raise EditError(what, hint, "redraw_reaches_over", shot=shot.id)
    return first.model_copy(update={"box": place})


def redraw_edit(which: ShotSelector, redraw: Redraw | None) -> SetRedraw:
    """Return the edit that gives shots a change of the drawing, or takes it off them."""
    return (
        SetRedraw(which=which)
        if redraw is None
        else SetRedraw(which=which, prompt=redraw.prompt, box=redraw.box, thing=redraw.thing or None)
    )


def describe_redraw(redraw: Redraw | None) -> str:
    """Describe a change of the drawing; "" for none."""
    if redraw is None:
        return ""
    where = f' on "{redraw.thing}"' if redraw.thing else ""
    if redraw.box:
        where = f" on box {','.join(f'{edge:.0f}' for edge in redraw.box)}"
    return f'"{redraw.prompt}"{where}'


def _covers(place: Box, panel: Box) -> bool:
    """Return whether a place holds more of a panel than slanted neighbours share."""
    return geometry.overlap_area(place, panel) > MAX_SHARED * panel.area


def _with_redraw(board: EditableStoryboard, shot: ShotPlan, edit: SetRedraw) -> ShotPlan:
    hint = f'name a place in its panel: shot {short_name(shot.id)} redraw "{edit.prompt}" on center'
    redraw = _redraw(board, shot, edit, hint) if edit.prompt else None
    return shot.model_copy(update={"render_options": shot.render_options.model_copy(update={"redraw": redraw})})


def _redraw(board: EditableStoryboard, shot: ShotPlan, edit: SetRedraw, hint: str) -> Redraw:
    """Return the change, at a place that is known already, or at a thing that a model will find."""
    if edit.thing is None:
        return Redraw(prompt=edit.prompt, box=box_in_panels(board, shot, edit, hint))
    if fold_name(edit.thing) in board.people():
        return Redraw(prompt=edit.prompt, box=character_box(board, shot, edit.thing))
    # merged shots have both: a thing in the panels of one of them
    return Redraw(prompt=edit.prompt, box=box_in_panels(board, shot, edit, hint), thing=edit.thing)
