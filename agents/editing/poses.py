"""Set the pictures that the drawing of shots comes to, and keep them where shots are cut, merged and read again."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.editing import ClearPoses, SetPose
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector, short_name
from agents.editing.storyboard import EditableStoryboard
from storage.domain import KeyPose, RenderOptions, ShotPlan

Poses = tuple[KeyPose, ...]
MOST_UNLIKE = 1.6
"""How many times as wide for its height a panel may be as the other: beyond it, most of one is cut off."""
_SAME_MOMENT = 0.005


def set_pose(board: EditableStoryboard, edit: SetPose) -> EditableStoryboard:
    """Set a picture that the drawing of the selected shots comes to.

    Raises:
        EditError: It is after the end of a shot, its panel is not on the page or is unlike the shot's own, or a shot of
            several panels comes to a panel.
    """
    found, board = board.select_unlocked(edit.which)
    return board.with_shots([_with_pose(board, shot, edit) for shot in found])


def clear_poses(board: EditableStoryboard, edit: ClearPoses) -> EditableStoryboard:
    """Remove the pictures that the drawing of the selected shots comes to."""
    found, board = board.select_unlocked(edit.which)
    return board.with_shots(shot.model_copy(update={"render_options": _options(shot, ())}) for shot in found)


def describe_poses(shot: ShotPlan) -> str:
    """Describe the pictures that the drawing of a shot comes to; "" for none."""
    return "; ".join(
        (f'"{pose.prompt}"' if pose.prompt else f"panel {pose.panel}")
        + (" at the end" if pose.at >= 1 else f" at {pose.at * shot.seconds:.1f} s")
        for pose in shot.render_options.key_poses
    )


def divide_poses(poses: Poses, parts: Sequence[float]) -> list[Poses]:
    """Return the poses of each part of a shot; `parts` are the seconds of the shot that each part shows.

    A pose at a cut is the end of the part before it.
    """
    found, begun, total = list[Poses](), 0.0, sum(parts)
    for length in parts:
        inside = [(pose.at * total - begun, pose) for pose in poses]
        found.append(
            tuple(
                pose.model_copy(update={"at": min(1.0, seconds / length)})
                for seconds, pose in inside
                if 1e-6 < seconds <= length + 1e-6
            )
        )
        begun += length
    return found


def join_poses(shots: Sequence[ShotPlan], starts: Sequence[float], seconds: float) -> Poses:
    """Return the poses of shots that become one: none where they show different panels, whose drawings are held.

    Args:
        shots: The shots.
        starts: The second of the new shot at which each of them begins.
        seconds: How long the new shot lasts.
    """
    if any(shot.panels != shots[0].panels for shot in shots):
        return ()
    return tuple(
        pose.model_copy(update={"at": min(1.0, (start + pose.at * shot.seconds) / seconds)})
        for shot, start in zip(shots, starts, strict=True)
        for pose in shot.render_options.key_poses
    )


def describe_lost_poses(shots: Sequence[ShotPlan], kept: Poses) -> list[str]:
    """Say which shots lose the pictures that they came to."""
    lost = [short_name(shot.id) for shot in shots if shot.render_options.key_poses and not kept]
    return (
        [f"what the drawing of shot {', '.join(lost)} came to is gone: the panels are shown together"] if lost else []
    )


def pose_edits(
    board: EditableStoryboard, which: ShotSelector, was: Poses, new: ShotPlan
) -> Iterator[SetPose | ClearPoses]:
    """Yield the edits that give a shot its poses in place of those that it had."""
    poses = new.render_options.key_poses
    if was == poses:
        return
    if was:
        yield ClearPoses(which=which)
    numbers = _panel_numbers(board, new)
    for pose in poses:
        at = None if pose.at >= 1 else pose.at * new.seconds
        if pose.prompt or pose.panel in numbers:
            yield SetPose(which=which, prompt=pose.prompt, panel=numbers.get(pose.panel), at=at)


def _panel_numbers(board: EditableStoryboard, shot: ShotPlan) -> dict[str, int]:
    """Return the numbers of the panels of a shot's page in reading order, from 1."""
    panels = sorted(board.page(shot).panels, key=lambda panel: panel.order)
    return {panel.id: number for number, panel in enumerate(panels, start=1)}


def _with_pose(board: EditableStoryboard, shot: ShotPlan, edit: SetPose) -> ShotPlan:
    name = short_name(shot.id)
    if edit.at is not None and edit.at > shot.seconds:
        what = f"shot {name} ends after {shot.seconds:.1f} s, and comes to nothing at {edit.at:g} s"
        raise EditError(what, f"name an earlier moment, or the end: shot {name} end ...", "after_the_end", shot=shot.id)
    at = 1.0 if edit.at is None else edit.at / shot.seconds
    pose = KeyPose(at=at, panel=_pose_panel(board, shot, edit.panel) if edit.panel else "", prompt=edit.prompt)
    others = [one for one in shot.render_options.key_poses if abs(one.at - at) > _SAME_MOMENT]
    poses = tuple(sorted([*others, pose], key=lambda one: one.at))
    return shot.model_copy(update={"render_options": _options(shot, poses)})


def _pose_panel(board: EditableStoryboard, shot: ShotPlan, number: int) -> str:
    """Return the id of the panel of the page that a shot comes to."""
    name, numbers = short_name(shot.id), _panel_numbers(board, shot)
    wanted = next((panel for panel, one in numbers.items() if one == number), None)
    if wanted is None or shot.panels == (wanted,):
        what = f"shot {name} cannot come to panel {number} of its page" if wanted else f"its page has no panel {number}"
        hint = f"name another of panels 1 to {len(numbers)} of page {shot.page + 1}"
        raise EditError(what, hint, "unknown_panel", shot=shot.id)
    if len(shot.panels) > 1:
        what = f"shot {name} shows {len(shot.panels)} panels, and one panel cannot be what it comes to"
        raise EditError(what, f'say what changes: shot {name} end "she lowers her arm"', "unlike_panel", shot=shot.id)
    boxes = {panel.id: panel.box for panel in board.page(shot).panels}
    own, other = (boxes[panel].width / boxes[panel].height for panel in (shot.panels[0], wanted))
    if max(own, other) > MOST_UNLIKE * min(own, other):
        what = f"panel {number} has another shape than the panel of shot {name}: most of one would be cut off"
        raise EditError(what, f'say what changes: shot {name} end "she lowers her arm"', "unlike_panel", shot=shot.id)
    return wanted


def _options(shot: ShotPlan, poses: Poses) -> RenderOptions:
    return shot.render_options.model_copy(update={"key_poses": poses})
