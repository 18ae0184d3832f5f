"""Change render options, locks, balloons to read and the chosen take of shots; cameras do not move."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

from agents.editing import (  # fmt: skip
    ChooseTake,
    Lock,
    SetBackend,
    SetClean,
    SetColor,
    SetGenerated,
    SetGround,
    SetInk,
    SetLettering,
    SetPainted,
    SetPrompt,
    SetSeed,
    SetWithout,
    Unlock,
)
from agents.editing.duration import make_readable
from agents.editing.reframe import reframe_shot
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector, short_name
from agents.editing.storyboard import EditableStoryboard
from agents.planning import timing
from agents.planning.panels import page_unit
from storage.domain import ColorPlan, ShotPlan
from tools import backends

_FREE: Mapping[str, object] = {"locked": False, "line_starts": ()}
RenderOptionEdit = (
    SetClean | SetGround | SetBackend | SetPrompt | SetPainted | SetWithout | SetSeed | SetGenerated | SetInk
    | SetLettering | SetColor
)  # fmt: skip


def describe_lost_options(shots: Sequence[ShotPlan]) -> Iterator[str]:
    """Yield which shots have options of drawing that the one shot that all of them become does not have."""
    joined = {"redraw": None, "effects": (), "key_poses": ()}
    first, *later = (shot.render_options.model_copy(update=joined) for shot in shots)
    for shot, options in zip(shots[1:], later, strict=True):
        if options != first:
            lost = f"those of shot {short_name(shot.id)} are gone"
            yield f"shot {short_name(shots[0].id)} is drawn with its own options, and {lost}"


def set_render_options(board: EditableStoryboard, edit: RenderOptionEdit) -> EditableStoryboard:
    """Change render options of all selected shots.

    Raises:
        BackendError: The edit names a backend that does not exist.
    """
    if isinstance(edit, SetBackend) and edit.name is not None:
        backends.load_backend(edit.capability, edit.name)
    found, board = board.select_unlocked(edit.which)
    return board.with_shots(shot.model_copy(update=_plan_change(shot, edit)) for shot in found)


def lock(board: EditableStoryboard, edit: Lock) -> EditableStoryboard:
    """Lock the selected shots, and keep when their balloons begin to be read: letters come up then."""
    found, board = board.select_unlocked(edit.which)
    return board.with_shots(
        shot.model_copy(update={"locked": True, "line_starts": _line_starts(board, shot)}) for shot in found
    )


def _line_starts(board: EditableStoryboard, shot: ShotPlan) -> tuple[float, ...]:
    page = board.page(shot)
    balloons = {balloon.id: balloon for balloon in page.balloons}
    lines = [balloons[name] for name in shot.balloons if name in balloons]
    return tuple(start for start, _ in timing.line_times(shot, lines, page_unit(page), shot.seconds))


def unlock(board: EditableStoryboard, edit: Unlock) -> EditableStoryboard:
    """Unlock the selected shots."""
    return board.with_shots(shot.model_copy(update=_FREE) for shot in board.select(edit.which))


def drop_line(board: EditableStoryboard, selector: ShotSelector, number: int) -> EditableStoryboard:
    """Remove a balloon, by its number in the shot, from those that the shot gives time to read.

    Raises:
        EditError: The shot does not have the balloon, or does not read it.
    """
    shot, board = board.select_one(selector)
    gone = board.balloon(shot, number).id
    if gone not in shot.balloons:
        what, hint = f"shot {short_name(shot.id)} does not wait for balloon {number}", "there is nothing to do"
        raise EditError(what, hint, "already_so", shot=shot.id)
    return board.with_shots(
        [shot.model_copy(update={"balloons": tuple(balloon for balloon in shot.balloons if balloon != gone)})]
    )


def read_line(board: EditableStoryboard, selector: ShotSelector, number: int) -> EditableStoryboard:
    """Add a balloon, by its number in the shot, to those that the shot gives time to read, and lengthen the shot."""
    shot, board = board.select_one(selector)
    wanted = board.balloon(shot, number).id
    lines = tuple(text.id for text in board.lettering(shot) if text.id in (*shot.balloons, wanted))
    fresh, board = make_readable(board, shot.model_copy(update={"balloons": lines}))
    return board.with_shots([fresh])


def choose_take(board: EditableStoryboard, edit: ChooseTake) -> EditableStoryboard:
    """Set a shot's plan to that of an earlier take; its position, its transition and its sound stay.

    Raises:
        EditError: The plan of that take is not known.
    """
    shot, board = board.select_one(edit.which)
    if edit.plan is None or edit.plan.id != shot.id:
        what = f"shot {short_name(shot.id)} has no take {edit.take}"
        raise EditError(what, "see what there is with: main.py takes", "unknown_take", shot=shot.id)
    kept = {
        "ordinal": shot.ordinal,
        "transition": shot.transition,
        "locked": False,
        "line_starts": (),
        "sound": shot.sound,
    }
    return board.with_shots([reframe_shot(board, edit.plan.model_copy(update=kept), board.screen)])


def _plan_change(shot: ShotPlan, edit: RenderOptionEdit) -> Mapping[str, object]:
    return _CHANGES[type(edit)](shot, edit)


def _with_options(shot: ShotPlan, **changes: object) -> Mapping[str, object]:
    return {"render_options": shot.render_options.model_copy(update=changes)}


def _with_capability(shot: ShotPlan, capability: str, **changes: object) -> Mapping[str, object]:
    plan = getattr(shot.render_options, capability)
    return _with_options(shot, **{capability: plan.model_copy(update=changes)})


_CHANGES: dict[type, Callable[..., Mapping[str, object]]] = {
    SetClean: lambda shot, edit: _with_options(shot, clean=edit.parts),
    SetGround: lambda shot, edit: _with_capability(shot, "outpaint", fill=edit.fill),
    SetBackend: lambda shot, edit: _with_capability(shot, edit.capability, backend=edit.name),
    SetPainted: lambda shot, edit: _with_capability(shot, "outpaint", prompt=edit.prompt),
    SetWithout: lambda shot, edit: _with_capability(shot, edit.capability, negative_prompt=edit.words),
    SetPrompt: lambda shot, edit: {"prompt": edit.prompt},
    SetSeed: lambda shot, edit: {
        "seed": shot.seed + 1 if edit.seed is None else edit.seed,
        **_with_options(shot, animate=shot.render_options.animate.model_copy(update={"seed_offset": 0})),
    },
    SetGenerated: lambda shot, edit: _with_options(shot, max_generated=edit.share),
    SetInk: lambda shot, edit: _with_options(shot, keep_line_art=edit.on),
    SetColor: lambda shot, edit: _with_options(shot, color=ColorPlan(mode=edit.mode, prompt=edit.prompt)),
    SetLettering: lambda shot, edit: _with_options(shot, lettering=edit.mode),
}
