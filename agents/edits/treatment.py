"""Shots and what is asked of the tools for them in, the same shots treated so out; no camera moves."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from agents.edits import (
    ChooseTake,
    Lock,
    SetBackend,
    SetClean,
    SetGenerated,
    SetGround,
    SetInk,
    SetPainted,
    SetPrompt,
    SetSeed,
    SetWithout,
    Unlock,
)  # fmt: skip
from agents.edits.board import Board
from agents.edits.reframe import reframed
from agents.edits.refusals import EditError
from agents.edits.times import readable
from agents.edits.which import ShotSelector, shown
from storage.shapes import ShotPlan
from tools import backends

Treated = (
    SetClean | SetGround | SetBackend | SetPrompt | SetPainted | SetWithout | SetSeed | SetGenerated | SetInk | Lock
)  # fmt: skip


def treat(board: Board, edit: Treated) -> Board:
    """Do it to every shot that is meant. BackendError for a backend that is not there."""
    if isinstance(edit, SetBackend) and edit.name is not None:
        backends.load(edit.capability, edit.name)
    found, board = board.meant(edit.which)
    return board.with_shots(shot.model_copy(update=_change(shot, edit)) for shot in found)


def unlock(board: Board, edit: Unlock) -> Board:
    """Let shots be changed again."""
    return board.with_shots(shot.model_copy(update={"locked": False}) for shot in board.find(edit.which))


def drop_line(board: Board, selector: ShotSelector, number: int) -> Board:
    """Wait no longer for a balloon."""
    shot, board = board.one(selector)
    gone = board.balloon(shot, number).id
    if gone not in shot.lines:
        what, hint = f"shot {shown(shot.id)} does not wait for balloon {number}", "there is nothing to do"
        raise EditError(what, hint, "already_so", shot=shot.id)
    return board.with_shots([shot.model_copy(update={"lines": tuple(one for one in shot.lines if one != gone)})])


def read_line(board: Board, selector: ShotSelector, number: int) -> Board:
    """Have a balloon read, as long as that takes."""
    shot, board = board.one(selector)
    wanted = board.balloon(shot, number).id
    lines = tuple(text.id for text in board.lettering(shot) if text.id in (*shot.lines, wanted))
    fresh, board = readable(board, shot.model_copy(update={"lines": lines}))
    return board.with_shots([fresh])


def choose_take(board: Board, edit: ChooseTake) -> Board:
    """Film a shot as its take was filmed; its place in the film stays. EditError where that plan is not known."""
    shot, board = board.one(edit.which)
    if edit.plan is None or edit.plan.id != shot.id:
        what = f"shot {shown(shot.id)} has no take {edit.take}"
        raise EditError(what, "see what there is with: main.py takes", "unknown_take", shot=shot.id)
    kept = {"ordinal": shot.ordinal, "transition": shot.transition, "locked": False}
    return board.with_shots([reframed(board, edit.plan.model_copy(update=kept), board.screen)])


def _change(shot: ShotPlan, edit: Treated) -> Mapping[str, object]:
    return _CHANGES[type(edit)](shot, edit)


def _treatment(shot: ShotPlan, **changes: object) -> Mapping[str, object]:
    return {"treatment": shot.treatment.model_copy(update=changes)}


def _of(shot: ShotPlan, capability: str, **changes: object) -> Mapping[str, object]:
    plan = getattr(shot.treatment, capability)
    return _treatment(shot, **{capability: plan.model_copy(update=changes)})


_CHANGES: dict[type, Callable[..., Mapping[str, object]]] = {
    SetClean: lambda shot, edit: _treatment(shot, clean=edit.parts),
    SetGround: lambda shot, edit: _of(shot, "outpaint", fill=edit.fill),
    SetBackend: lambda shot, edit: _of(shot, edit.capability, backend=edit.name),
    SetPainted: lambda shot, edit: _of(shot, "outpaint", prompt=edit.prompt),
    SetWithout: lambda shot, edit: _of(shot, edit.capability, without=edit.words),
    SetPrompt: lambda shot, edit: {"prompt": edit.prompt},
    SetSeed: lambda shot, edit: {
        "seed": shot.seed + 1 if edit.seed is None else edit.seed,
        **_treatment(shot, animate=shot.treatment.animate.model_copy(update={"again": 0})),
    },
    SetGenerated: lambda shot, edit: _treatment(shot, max_generated=edit.share),
    SetInk: lambda shot, edit: _treatment(shot, lines=edit.on),
    Lock: lambda shot, edit: {"locked": True},
}
