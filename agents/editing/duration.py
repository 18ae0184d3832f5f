"""Change how long shots last, and never below the time that their balloons take to read."""

from __future__ import annotations

from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector, short_name
from agents.editing.storyboard import EditableStoryboard
from agents.planning import timing
from agents.planning.effect_times import retime_effects, with_effects
from agents.planning.shot_drafts import REST_AFTER_DISSOLVE
from agents.planning.sound_times import delay_sound
from agents.planning.validation import MIN_SECONDS
from agents.planning.violation import Violation, ViolationKind
from storage.domain import CameraKey, ShotPlan

MAX_SECONDS = timing.MAX_SECONDS
"""Longest length of a shot."""
STRETCH_FACTOR = 1.08
"""Factor by which a shot is lengthened at each try to make it readable."""
TIME_RULES: tuple[ViolationKind, ...] = ("unread", "too_short", "too_fast")
"""Violations that a longer shot may remove; unread balloons are reported first."""


def set_seconds(board: EditableStoryboard, selector: ShotSelector, seconds: float) -> EditableStoryboard:
    """Set the length of shots in seconds.

    Raises:
        EditError: A shot needs longer; the error has the least seconds.
    """
    found, board = board.select_unlocked(selector)
    return board.with_shots([_with_seconds(board, shot, seconds) for shot in found])


def lengthen(board: EditableStoryboard, selector: ShotSelector, by: float) -> EditableStoryboard:
    """Make each shot longer by some seconds, or shorter if they are negative.

    Raises:
        EditError: A shot would be too long, or could not be read; the error has the least seconds.
    """
    found, board = board.select_unlocked(selector)
    if long := next((shot for shot in found if shot.seconds + by > MAX_SECONDS), None):
        name = short_name(long.id)
        what = f"shot {name} would last {long.seconds + by:.1f} s"
        hint = f"a shot lasts {MAX_SECONDS:.0f} s at most: shot {name} seconds {MAX_SECONDS:.0f}"
        raise EditError(what, hint, "too_long", shot=long.id)
    return board.with_shots([_with_seconds(board, shot, shot.seconds + by) for shot in found])


def set_pace(board: EditableStoryboard, selector: ShotSelector, factor: float) -> EditableStoryboard:
    """Multiply the length of shots by `factor`, limited by their reading time; a note names shots that were limited."""
    found, board = board.select_unlocked(selector)
    changed, bent = [], []
    for shot in found:
        seconds = min(MAX_SECONDS, max(MIN_SECONDS, shot.seconds * factor))
        fresh = stretch_shot(board, shot, seconds)
        if factor < 1 and _breaks_more_rules(board, shot, fresh):
            fresh = stretch_shot(board, shot, min(shot.seconds, shortest_seconds(board, shot)))
            bent.append(f"shot {short_name(shot.id)} is as fast as it can be read, {fresh.seconds:.1f} s")
        changed.append(fresh)
    if len(bent) > 3:
        bent = [f"{len(bent)} shots are as fast as they can be read"]
    return board.with_shots(changed).with_note(*bent)


def _with_seconds(board: EditableStoryboard, shot: ShotPlan, seconds: float) -> ShotPlan:
    """Return the shot with another length. Raises EditError if it cannot be read or moves too fast in that time."""
    fresh = stretch_shot(board, shot, max(seconds, float(1 / board.screen.fps)))
    if seconds >= shot.seconds or not _breaks_more_rules(board, shot, fresh):
        return fresh
    floor, name, broken = shortest_seconds(board, shot), short_name(shot.id), _time_violations(board, fresh)
    why = board.describe_violation(fresh, broken[0])
    drop = f", or wait no longer for a balloon: shot {name} drop balloon 1" if shot.balloons else ""
    raise EditError(
        f"shot {name} cannot last {seconds:g} s, it takes at least {floor:.1f} s ({why})",
        f"shot {name} seconds {floor:.1f}{drop}",
        "broken_promise",
        shot=shot.id,
        violations=broken,
        least_seconds=floor,
    )


def stretch_shot(board: EditableStoryboard, shot: ShotPlan, seconds: float) -> ShotPlan:
    """Return the shot with another length, rounded up to whole frames; camera keys keep their share of it."""
    return shot.model_copy(update={"seconds": timing.round_up_to_frames(min(MAX_SECONDS, seconds), board.screen)})


def shortest_seconds(board: EditableStoryboard, shot: ShotPlan) -> float:
    """Return the shortest length, in whole frames, in which the shot can be read and its camera stays calm."""
    low, high = 0.0, shot.seconds
    while high - low > 1 / board.screen.fps:
        middle = (low + high) / 2
        if middle < MIN_SECONDS or _breaks_more_rules(board, shot, stretch_shot(board, shot, middle)):
            low = middle
        else:
            high = middle
    return stretch_shot(board, shot, high).seconds


def make_readable(board: EditableStoryboard, shot: ShotPlan) -> tuple[ShotPlan, EditableStoryboard]:
    """Return the shot, lengthened until all its balloons can be read, and the storyboard with a note about it.

    The shot stays as it is if more time does not help.
    """
    longer = shot
    while board.unread(longer) and longer.seconds < MAX_SECONDS / STRETCH_FACTOR:
        longer = stretch_shot(board, longer, longer.seconds * STRETCH_FACTOR)
    if longer is shot or board.unread(longer):
        return shot, board
    return longer, board.with_note(
        f"shot {short_name(shot.id)} lasts {longer.seconds:.1f} s now, so that it can be read"
    )


def add_dissolve(board: EditableStoryboard, shot: ShotPlan) -> ShotPlan:
    """Return the shot with a dissolve at its beginning, and the same time more at rest."""
    if shot.transition == "dissolve":
        return shot
    seconds = timing.round_up_to_frames(min(MAX_SECONDS, shot.seconds + REST_AFTER_DISSOLVE), board.screen)
    late = max(0.0, seconds - shot.seconds)

    def shifted_time(t: float) -> float:
        return min(1.0, round((t * shot.seconds + late) / seconds, 6))

    keys = tuple(CameraKey(t=shifted_time(key.t), box=key.box) for key in shot.camera)
    first = CameraKey(t=0, box=shot.camera[0].box)
    options = shot.render_options
    return shot.model_copy(
        update={
            "transition": "dissolve",
            "seconds": seconds,
            "camera": (first, *keys),
            "reveals": tuple(shifted_time(t) if t else 0.0 for t in shot.reveals),
            "render_options": with_effects(options, retime_effects(options.effects, shifted_time)),
            "sound": delay_sound(shot.sound, shot.seconds, late, seconds),
        }
    )


def _breaks_more_rules(board: EditableStoryboard, before: ShotPlan, after: ShotPlan) -> bool:
    """Return whether more rules about time are broken than before."""
    return len(_time_violations(board, after)) > len(_time_violations(board, before))


def _time_violations(board: EditableStoryboard, shot: ShotPlan) -> list[Violation]:
    """Return the violations that more time would remove, in the order of TIME_RULES."""
    found = [violation for violation in board.faults(shot) if violation.kind in TIME_RULES]
    return sorted(found, key=lambda violation: TIME_RULES.index(violation.kind))
