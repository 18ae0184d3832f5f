"""A board and an edit in, the board with it done out; refuses what would break the promise of the film."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence

from agents import edits
from agents.edits import frames, references, reframe, structure, times, treatment
from agents.edits.board import Board, refuse_broken, uncovered
from agents.edits.frames import set_frame, set_move, zoom
from agents.edits.which import ALL, ShotSelector
from storage.screens import screen_of
from storage.shapes import ShotPlan
from storage.styles import PACES


def applied(board: Board, edit: edits.Plan) -> Board:
    """The board with an edit done. SettingsError, which says what is wrong and what there is, where it cannot be.

    What the shots then say can be read, no camera goes too fast or looks past its panels; that panels or balloons are
    no longer shown is told in `notes`.
    """
    after = _DO[type(edit)](board, edit)
    refuse_broken(board, after)
    return after


def all_applied(board: Board, wanted: Sequence[edits.Plan]) -> Board:
    """All of them, one after the other; the first that cannot be done stops all."""
    after = board
    for edit in wanted:
        after = applied(after, edit)
    return after.noting(*uncovered(board, after))


def _style(board: Board, edit: edits.SetStyle) -> Board:
    if edit.style == "still":
        board = board.noting()
        for shot in board.shots:
            moves = len({key.box for key in shot.camera}) > 1
            if moves and not shot.locked:
                board = frames.set_move(board, ShotSelector.of(shot.id), "hold")
        return board
    return times.set_pace(board, ALL, PACES[edit.style])


def _aspect(board: Board, edit: edits.SetAspect) -> Board:
    screen = screen_of(edit.aspect, board.screen)
    if board.screen.alike(screen.aspect):
        return reframe.all_reframed(board, screen)
    held = {shot.id: shot for shot in edit.held}
    locked = [shot for shot in board.shots if shot.locked]
    stood = [held[one.id].model_copy(update={"ordinal": one.ordinal}) for one in locked if _alike(one, held)]
    after = reframe.all_reframed(board, screen).with_shots(stood)
    return after.noting(reframe.told(locked, edit.aspect)) if locked else after


def _alike(shot: ShotPlan, held: Mapping[str, ShotPlan]) -> bool:
    """Whether a shot shows and says what it did when it stood in the other aspect."""
    there = held.get(shot.id)
    return there is not None and (there.panels, there.lines) == (shot.panels, shot.lines)


def _transition(board: Board, edit: edits.SetTransition) -> Board:
    found, board = board.meant(edit.which)
    if edit.kind == "dissolve":
        return board.with_shots(times.dissolving(board, shot) for shot in found)
    return board.with_shots(shot.model_copy(update={"transition": "cut"}) for shot in found)


_DO: dict[type, Callable[..., Board]] = {
    edits.SetSeconds: lambda board, edit: times.set_seconds(board, edit.which, edit.seconds),
    edits.SetPace: lambda board, edit: times.set_pace(board, edit.which, edit.factor),
    edits.SetFrame: set_frame,
    edits.Zoom: lambda board, edit: zoom(board, edit.which, edit.by),
    edits.SetMove: lambda board, edit: set_move(board, edit.which, edit.kind),
    edits.SetTransition: _transition,
    **dict.fromkeys(
        (
            edits.SetClean,
            edits.SetGround,
            edits.SetBackend,
            edits.SetPrompt,
            edits.SetPainted,
            edits.SetWithout,
            edits.SetSeed,
            edits.SetGenerated,
            edits.SetInk,
            edits.Lock,
        ),
        treatment.treat,
    ),
    edits.SetReferences: references.refer,
    edits.Unlock: treatment.unlock,
    edits.Drop: lambda board, edit: structure.drop(board, edit.which),
    edits.Restore: lambda board, edit: structure.restore(board, edit.which),
    edits.DropBalloon: lambda board, edit: treatment.drop_line(board, edit.which, edit.balloon),
    edits.ReadBalloon: lambda board, edit: treatment.read_line(board, edit.which, edit.balloon),
    edits.Split: lambda board, edit: structure.split(board, edit.which, edit.at),
    edits.Merge: lambda board, edit: structure.merge(board, edit.which),
    edits.MoveShot: lambda board, edit: structure.move(board, edit.which, edit.side, edit.other),
    edits.Swap: lambda board, edit: structure.swap(board, edit.which),
    edits.SetStyle: _style,
    edits.SetAspect: _aspect,
    edits.ChooseTake: treatment.choose_take,
}
