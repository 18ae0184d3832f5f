"""Apply edits to a storyboard, and refuse those that would break the rules every plan keeps."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import get_args

from agents import editing
from agents.editing import (  # fmt: skip
    duration,
    effects,
    framing,
    mouths,
    poses,
    redrawing,
    references,
    reframe,
    render_options,
    sounds,
    structure,
)
from agents.editing.framing import set_frame, set_move, zoom
from agents.editing.mouth_edit import SetMouths
from agents.editing.selectors import ALL, ShotSelector
from agents.editing.sound_edits import SoundEdit
from agents.editing.storyboard import EditableStoryboard, describe_losses, refuse_broken
from storage.domain import ShotPlan
from storage.styles import PACES
from storage.video_format import screen_of


def apply_edit(board: EditableStoryboard, edit: editing.Plan) -> EditableStoryboard:
    """Return the storyboard after one edit.

    Afterwards every changed shot still keeps the rules of a plan: its balloons can be read, and its camera is neither
    too fast nor outside its panels. Changes that a person should know about are added to `notes`.

    Raises:
        SettingsError: The edit is not possible; the message says why and what is possible instead.
    """
    after = _APPLIERS[type(edit)](board, edit)
    refuse_broken(board, after)
    return after


def apply_edits(board: EditableStoryboard, edits: Sequence[editing.Plan]) -> EditableStoryboard:
    """Return the storyboard after all edits, applied in order; the first error stops all of them.

    Panels and balloons that the film no longer shows are added to `notes`.
    """
    after = board
    for edit in edits:
        after = apply_edit(after, edit)
    return after.with_note(*describe_losses(board, after))


def _set_style(board: EditableStoryboard, edit: editing.SetStyle) -> EditableStoryboard:
    if edit.style == "still":
        board = board.with_note()
        for shot in board.shots:
            moves = len({key.box for key in shot.camera}) > 1
            if moves and not shot.locked:
                board = framing.set_move(board, ShotSelector.of(shot.id), "hold")
        return board
    return duration.set_pace(board, ALL, PACES[edit.style])


def _set_aspect(board: EditableStoryboard, edit: editing.SetAspect) -> EditableStoryboard:
    screen = screen_of(edit.aspect, board.screen)
    if board.screen.has_aspect(screen.aspect):
        return reframe.reframe_all(board, screen)
    held = {shot.id: shot for shot in edit.held}
    locked = [shot for shot in board.shots if shot.locked]
    stood = [held[one.id].model_copy(update={"ordinal": one.ordinal}) for one in locked if _is_unchanged(one, held)]
    after = reframe.reframe_all(board, screen).with_shots(stood)
    return after.with_note(reframe.describe_locks(locked, edit.aspect)) if locked else after


def _is_unchanged(shot: ShotPlan, held: Mapping[str, ShotPlan]) -> bool:
    """Return whether a shot has the same panels and balloons as when it stood in the other aspect ratio."""
    there = held.get(shot.id)
    return there is not None and (there.panels, there.balloons) == (shot.panels, shot.balloons)


def _set_transition(board: EditableStoryboard, edit: editing.SetTransition) -> EditableStoryboard:
    found, board = board.select_unlocked(edit.which)
    if edit.kind == "dissolve":
        return board.with_shots(duration.add_dissolve(board, shot) for shot in found)
    return board.with_shots(shot.model_copy(update={"transition": "cut"}) for shot in found)


_APPLIERS: dict[type, Callable[..., EditableStoryboard]] = {
    editing.SetSeconds: lambda board, edit: duration.set_seconds(board, edit.which, edit.seconds),
    editing.SetPace: lambda board, edit: duration.set_pace(board, edit.which, edit.factor),
    editing.Lengthen: lambda board, edit: duration.lengthen(board, edit.which, edit.by),
    editing.SetFrame: set_frame,
    editing.Zoom: lambda board, edit: zoom(board, edit.which, edit.by),
    editing.SetMove: lambda board, edit: set_move(board, edit.which, edit.kind),
    editing.SetTransition: _set_transition,
    **dict.fromkeys(
        (
            editing.SetClean,
            editing.SetGround,
            editing.SetBackend,
            editing.SetPrompt,
            editing.SetPainted,
            editing.SetWithout,
            editing.SetSeed,
            editing.SetGenerated,
            editing.SetInk,
            editing.SetLettering,
            editing.SetColor,
        ),
        render_options.set_render_options,
    ),
    editing.AddEffect: effects.add_effect,
    editing.ClearEffects: effects.clear_effects,
    editing.SetRedraw: redrawing.set_redraw,
    editing.SetPose: poses.set_pose,
    editing.ClearPoses: poses.clear_poses,
    SetMouths: mouths.set_mouths,
    **dict.fromkeys(get_args(SoundEdit), sounds.set_sound),
    editing.SetReferences: references.set_references,
    editing.Lock: render_options.lock,
    editing.Unlock: render_options.unlock,
    editing.Drop: lambda board, edit: structure.drop_shots(board, edit.which),
    editing.Restore: lambda board, edit: structure.restore_shots(board, edit.which),
    editing.DropBalloon: lambda board, edit: render_options.drop_line(board, edit.which, edit.balloon),
    editing.ReadBalloon: lambda board, edit: render_options.read_line(board, edit.which, edit.balloon),
    editing.Split: lambda board, edit: structure.split_shot(board, edit.which, edit.at),
    editing.Merge: lambda board, edit: structure.merge_shots(board, edit.which),
    editing.MoveShot: lambda board, edit: structure.move_shots(board, edit.which, edit.side, edit.other),
    editing.Swap: lambda board, edit: structure.swap_shots(board, edit.which),
    editing.SetStyle: _set_style,
    editing.SetAspect: _set_aspect,
    editing.ChooseTake: render_options.choose_take,
}
