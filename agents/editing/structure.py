"""Drop, restore, split, merge, move and swap shots."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from agents.editing import selectors
from agents.editing.duration import MAX_SECONDS, make_readable
from agents.editing.effects import join_effects
from agents.editing.framing import needs_of
from agents.editing.mouths import join_mouths
from agents.editing.poses import describe_lost_poses, divide_poses, join_poses
from agents.editing.redrawing import join_redraws
from agents.editing.reframe import reframe_shot
from agents.editing.refusals import EditError
from agents.editing.render_options import describe_lost_options
from agents.editing.selectors import ShotSelector, short_name
from agents.editing.sounds import describe_changed_course, describe_lost_sound, divide_shot_sound, join_sounds
from agents.editing.storyboard import EditableStoryboard
from agents.planning import timing
from agents.planning.effect_times import divide_effects, with_effects
from agents.planning.timing import TimedPath
from storage.domain import CameraKey, ShotPlan
from storage.shot_ids import sort_key
from tools.video.camera_path import camera_at

MIN_PART_SECONDS = 0.5
"""Shortest length of each part of a split shot."""


def drop_shots(board: EditableStoryboard, selector: ShotSelector) -> EditableStoryboard:
    """Leave shots out of the film.

    Raises:
        EditError: No shot would be left.
    """
    found, board = board.select_unlocked(selector)
    names = {shot.id for shot in found}
    rest = [shot for shot in board.shots if shot.id not in names]
    if not rest:
        raise EditError("not one shot would be left", "keep one at least", "nothing_left")
    return board.in_order(rest).with_note(*describe_changed_course(board.shots, rest))


def restore_shots(board: EditableStoryboard, selector: ShotSelector) -> EditableStoryboard:
    """Put dropped shots back, each after the shot that it followed.

    Raises:
        EditError: No such shot was dropped, or its page was read again since then.
    """
    wanted = _dropped_shots(board, selector)
    shots = list(board.shots)
    for shot in wanted:
        if not board.is_still_read(shot):
            what = f"shot {short_name(shot.id)} was planned before page {shot.page + 1} was read anew"
            raise EditError(what, "undo the reading first", "read_anew", shot=shot.id)
        place = sum(_page_order(board, other) < _page_order(board, shot) for other in shots)
        shots.insert(place, reframe_shot(board, shot, board.screen))
    gone = {name: shot for name, shot in board.dropped.items() if name not in {shot.id for shot in wanted}}
    fresh = board.in_order(shots)
    return replace(fresh, dropped=gone)


def split_shot(board: EditableStoryboard, selector: ShotSelector, at: float | None) -> EditableStoryboard:
    """Cut a shot in two after `at` seconds, and divide its balloons; by default at the rest nearest to its middle.

    Raises:
        EditError: A part would last less than MIN_PART_SECONDS.
    """
    shot, board = board.select_one(selector)
    path = _timed_path(shot)
    early, late = timing.split_path(path) if at is None else _cut_path(path, at)
    if min(early.seconds, late.seconds) < MIN_PART_SECONDS:
        raise EditError(
            f"{at or 0:g} s does not cut shot {short_name(shot.id)} in two",
            f"it lasts {shot.seconds:.1f} s, and each part needs {MIN_PART_SECONDS:g} s: "
            f"shot {short_name(shot.id)} split at {shot.seconds / 2:.1f}",
            "no_cut",
            shot=shot.id,
        )
    shown = early.seconds, late.seconds
    needs = needs_of(board, shot)
    read = timing.read_by(early, needs)
    late = timing.extend_rest(late, needs[read:])
    times = tuple(min(1.0, when * shot.seconds / early.seconds) for when in shot.reveals)
    effects = divide_effects(shot.render_options.effects, shown, (early.seconds, late.seconds))
    poses = divide_poses(shot.render_options.key_poses, shown)
    mine, its = (
        with_effects(shot.render_options, part).model_copy(update={"key_poses": to_meet})
        for part, to_meet in zip(effects, poses, strict=True)
    )
    lines = shot.balloons[:read], shot.balloons[read:]
    heard, later_heard = divide_shot_sound(board, shot, shown, (early.seconds, late.seconds), lines)
    start = {"reveals": times, "render_options": mine, "sound": heard}
    first = _with_path(board, shot, early, lines[0]).model_copy(update=start)
    rest = {
        "id": _free_name(board, shot.id), "transition": "cut", "reveals": (), "render_options": its,
        "sound": later_heard,
    }  # fmt: skip
    second = _with_path(board, shot, late, lines[1]).model_copy(update=rest)
    place = shot.ordinal
    shots = [*board.shots[:place], first, second, *board.shots[place + 1 :]]
    return _make_all_readable(board.in_order(shots), [first, second])


def merge_shots(board: EditableStoryboard, selector: ShotSelector) -> EditableStoryboard:
    """Merge neighbouring shots of one page into one, whose camera moves calmly from each framing to the next.

    Raises:
        EditError: The shots are fewer than two, are not neighbours on one page, last too long together, or their
            drawings are changed in unlike ways.
    """
    found, board = board.select_unlocked(selector)
    if len(found) < 2:
        hint = "name two or more that follow each other: shots 3-4 merge"
        raise EditError(f"{selector} is one shot", hint, "one_shot")
    _refuse_other_page(found, "only shots of one page become one")
    if any(b.ordinal != a.ordinal + 1 for a, b in pairwise(found)):
        cure = f"first say: shot {short_name(found[1].id)} after {short_name(found[0].id)}"
        raise EditError(f"{selectors.describe_shots(found)} do not follow each other", cure, "not_adjacent")
    path = _timed_path(found[0])
    starts = [0.0]
    for shot in found[1:]:
        path = _join_paths(board, path, _timed_path(shot))
        starts.append(path.seconds - shot.seconds)
    if path.seconds > MAX_SECONDS:
        hint = f"a shot lasts {MAX_SECONDS:.0f} s at most"
        raise EditError(f"together they last {path.seconds:.0f} s", hint, "too_long")
    first, poses = found[0], join_poses(found, starts, path.seconds)
    one = _with_path(board, first, path, tuple(dict.fromkeys(name for shot in found for name in shot.balloons)))
    one = one.model_copy(
        update={
            "panels": tuple(dict.fromkeys(name for shot in found for name in shot.panels)),
            "characters": tuple(dict.fromkeys(name for shot in found for name in shot.characters)),
            "reveals": (),
            "render_options": with_effects(
                first.render_options.model_copy(update={"redraw": join_redraws(board, found)}),
                join_effects(board, found, starts, path.seconds),
            ).model_copy(update={"key_poses": poses, "mouths": join_mouths(found)}),
            "sound": join_sounds(found, starts, path.seconds),
        }
    )
    lost = *describe_lost_sound(found, one.sound), *describe_lost_poses(found, poses), *describe_lost_options(found)
    board = board.with_note(*lost)
    others = {shot.id for shot in found[1:]}
    shots = [one if shot.id == first.id else shot for shot in board.shots if shot.id not in others]
    return _make_all_readable(board.in_order(shots), [one])


def move_shots(board: EditableStoryboard, selector: ShotSelector, side: str, other: ShotSelector) -> EditableStoryboard:
    """Move shots before or after another shot of their page; their own order stays.

    Raises:
        EditError: The other shot is among them, or stands on another page.
    """
    found, board = board.select_unlocked(selector)
    target = board.select(other)
    anchor = target[0] if side == "before" else target[-1]
    names = {shot.id for shot in found}
    if anchor.id in names:
        what, hint = f"shot {short_name(anchor.id)} cannot stand {side} itself", "name another shot of its page"
        raise EditError(what, f"{hint}: shot 7 {side} 9", "beside_itself", shot=anchor.id)
    _refuse_other_page([*found, anchor])
    rest = [shot for shot in board.shots if shot.id not in names]
    place = next(at for at, shot in enumerate(rest) if shot.id == anchor.id) + (side == "after")
    return board.in_order([*rest[:place], *found, *rest[place:]])


def swap_shots(board: EditableStoryboard, selector: ShotSelector) -> EditableStoryboard:
    """Exchange the positions of two shots of one page.

    Raises:
        EditError: The selector does not choose exactly two shots of one page.
    """
    found, board = board.select_unlocked(selector)
    if len(found) != 2:
        counted = "one shot" if len(found) == 1 else f"{len(found)} shots"
        hint = "name both: shots 3 and 5 swap"
        raise EditError(f"two shots can be swapped, not {counted}", hint, "not_two_shots")
    _refuse_other_page(found)
    a, b = found
    other = {a.id: b, b.id: a}
    return board.in_order([other.get(shot.id, shot) for shot in board.shots])


def _page_order(board: EditableStoryboard, shot: ShotPlan) -> tuple[int, int, tuple[int, str]]:
    """Return a key that sorts shots by their pages, by their first panels and by their ids."""
    order = {panel.id: panel.order for panel in board.page(shot).panels}
    return shot.page, min(order[name] for name in shot.panels), sort_key(shot.id)


def _dropped_shots(board: EditableStoryboard, selector: ShotSelector) -> list[ShotPlan]:
    there = {shot.id for shot in board.shots}
    missing = [shot for name, shot in board.dropped.items() if name not in there]
    missing.sort(key=lambda shot: sort_key(shot.id))
    known = {shot.id: shot for shot in missing}
    names: Sequence[str] = selector.shot_ids
    if selector.spans and not selector.is_explicit:
        spans = [sorted(map(sort_key, span)) for span in selector.spans]
        names = [name for name in known if any(a <= sort_key(name) <= b for a, b in spans)]
    for name in names:
        if name not in known:
            in_film = name in there
            what = f"shot {short_name(name)} {'is in the film' if in_film else 'was never planned'}"
            raise EditError(what, _describe_dropped(missing), "in_film" if in_film else "never_planned", shot=name)
    if not missing or (selector.spans and not names):
        raise EditError("nothing was left out there", _describe_dropped(missing), "not_left_out")
    if names:
        return [known[name] for name in names]
    return board.select(selector, [shot for shot in missing if board.is_still_read(shot)])


def _describe_dropped(missing: list[ShotPlan]) -> str:
    return f"left out: {selectors.describe_shots(missing)}" if missing else "nothing is left out of the film"


def _refuse_other_page(shots: list[ShotPlan], why: str = "shots move within their page only") -> None:
    pages = sorted({shot.page + 1 for shot in shots})
    if len(pages) > 1:
        what = f"{selectors.describe_shots(shots)} are of pages {' and '.join(map(str, pages))}"
        raise EditError(what, f"name shots of one page: {why}", "other_page")


def _timed_path(shot: ShotPlan) -> TimedPath:
    keys = [(key.t * shot.seconds, key.box) for key in shot.camera]
    if keys[0][0] > 0:
        keys.insert(0, (0.0, keys[0][1]))
    if keys[-1][0] < shot.seconds:
        keys.append((shot.seconds, keys[-1][1]))
    return TimedPath(tuple(keys), shot.ease)


def _cut_path(path: TimedPath, at: float) -> tuple[TimedPath, TimedPath]:
    at = min(at, path.seconds)
    box = camera_at(path.camera(), at / path.seconds, path.ease)
    early = (*(key for key in path.keys if key[0] < at), (at, box))
    late = ((0.0, box), *((when - at, seen) for when, seen in path.keys if when > at))
    return TimedPath(early, path.ease), TimedPath(late, path.ease)


def _join_paths(board: EditableStoryboard, a: TimedPath, b: TimedPath) -> TimedPath:
    gap = timing.move_seconds(a.keys[-1][1], b.keys[0][1], board.screen) if a.keys[-1][1] != b.keys[0][1] else 0.0
    start = a.seconds + gap
    return TimedPath((*a.keys, *((start + at, box) for at, box in b.keys)), "in-out")


def _with_path(board: EditableStoryboard, shot: ShotPlan, path: TimedPath, lines: tuple[str, ...]) -> ShotPlan:
    seconds = timing.round_up_to_frames(path.seconds, board.screen)
    camera: tuple[CameraKey, ...] = path.camera()
    return shot.model_copy(update={"seconds": seconds, "camera": camera, "ease": path.ease, "balloons": lines})


def _free_name(board: EditableStoryboard, name: str) -> str:
    """Return the next free name beside a shot's own: s007b, s007c, and so on."""
    taken = {shot.id for shot in board.shots} | set(board.dropped)
    bare = name.rstrip("abcdefghijklmnopqrstuvwxyz") or name
    for letter in "bcdefghijklmnopqrstuvwxyz":
        if bare + letter not in taken:
            return bare + letter
    what = f"shot {short_name(name)} was split too often"
    raise EditError(what, "undo some of it", "split_too_often", shot=name)


def _make_all_readable(board: EditableStoryboard, shots: list[ShotPlan]) -> EditableStoryboard:
    for shot in shots:
        now = next(one for one in board.shots if one.id == shot.id)
        fresh, board = make_readable(board, now)
        board = board.with_shots([fresh])
    return board
