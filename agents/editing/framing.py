"""Change framing, zoom and camera moves of shots, and keep their balloons in view."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from agents.editing import AddEffect, Moving, Place, SetFrame, SetRedraw
from agents.editing.duration import make_readable, stretch_shot
from agents.editing.refusals import EditError
from agents.editing.selectors import ShotSelector, fold_name, short_name
from agents.editing.storyboard import EditableStoryboard
from agents.planning import framing, timing
from agents.planning.panels import ReadingNeed, need_of, page_unit
from agents.planning.timing import Stop, TimedPath
from agents.planning.validation import MIN_VIEW_SIDE
from storage.domain import Box, CameraKey, ShotPlan
from tools import geometry
from tools.video.camera_path import camera_at

MARGINS = {"balloon": 0.3, "character": 0.12, "place": 0.0, "panel": 0.035, "box": 0.0}
"""Margin around each kind of framed box, as a share of the box."""
PUSH_SHARE = 0.09
"""Share by which a push-in or pull-out changes the size of the view."""
TRIED_SHARES = (1.0, 0.75, 0.5, 0.3)
"""Shares of a zoom or push that are tried in turn, if all of it would lose a balloon."""
NEAREST_SLACK = 1.01
"""Factor that keeps views just above the nearest one that the rules allow."""
MAX_PAN_SHARE = 0.72
"""Largest share of its panel that a pan or tilt shows, so that there is room to move."""


def set_frame(board: EditableStoryboard, edit: SetFrame) -> EditableStoryboard:
    """Rest the camera on what the edit names, framed wider where a balloon of the shot would leave the picture."""
    found, board = board.select_unlocked(edit.which)
    for shot in found:
        kind, wanted = _target_box(board, shot, edit)
        whole = kind == "panel" or edit.place == "whole"
        view = _keep_inside(
            framing.fit_box(wanted, board.screen.aspect, MARGINS["panel" if whole else kind]), board, shot
        )
        view = _shift_to_balloons(board, shot, view, wanted)
        if not framing.holds(view, _lettering_box(board, shot) or view, 0.5):
            view = framing.fit_box(
                geometry.union_box([wanted, *_lettering_boxes(board, shot)]), board.screen.aspect, 0.01
            )
            board = board.with_note(f"shot {short_name(shot.id)} is framed wider, so that its balloons stay in view")
        board = _replace_shot(board, rest_on(shot, view))
    return board


def zoom(board: EditableStoryboard, selector: ShotSelector, by: float) -> EditableStoryboard:
    """Zoom in or out by a factor, as far as the balloons stay in view.

    Raises:
        EditError: The balloons leave no room for any zoom.
    """
    found, board = board.select_unlocked(selector)
    for shot in found:
        before = len(board.faults(shot))
        tried = (_scale_views(board, shot, 1 + (by - 1) * part) for part in TRIED_SHARES)
        fresh = next((one for one in tried if len(board.faults(make_readable(board, one)[0])) <= before), None)
        if fresh is None:
            way = "nearer" if by > 1 else "further away"
            hint = f"wait no longer for a balloon (shot {short_name(shot.id)} drop balloon 1), or name a place: "
            least = _scale_views(board, shot, 1 + (by - 1) * TRIED_SHARES[-1])
            raise _refusal(board, least, f"cannot go {way}", f"{hint}shot {short_name(shot.id)} on center")
        board = _replace_shot(board, fresh)
    return board


def set_move(board: EditableStoryboard, selector: ShotSelector, kind: Moving) -> EditableStoryboard:
    """Give shots another camera move.

    Raises:
        EditError: The panel or its balloons leave no room for the move.
    """
    found, board = board.select_unlocked(selector)
    for shot in found:
        before = len(board.faults(shot))
        tried = [fresh for fresh in _move_variants(board, shot, kind) if fresh.seconds <= 60]
        fits = next((fresh for fresh in tried if len(board.faults(make_readable(board, fresh)[0])) <= before), None)
        if fits is None:
            hint, what = f"shot {short_name(shot.id)} hold", f"has no room to {kind}"
            if tried:
                raise _refusal(board, tried[-1], what, hint)
            raise EditError(f"shot {short_name(shot.id)} {what}: there is no way to go", hint, "no_room", shot=shot.id)
        board = _replace_shot(board, fits)
    return board


def rest_on(shot: ShotPlan, view: Box) -> ShotPlan:
    """Return the shot with its camera at rest on `view`."""
    return shot.model_copy(update={"camera": (CameraKey(t=0, box=view), CameraKey(t=1, box=view)), "ease": "in-out"})


def whole_view(board: EditableStoryboard, shot: ShotPlan) -> Box:
    """Return the view that shows all panels and balloons of a shot."""
    return framing.fit_box(
        geometry.union_box([*board.panels(shot), *_lettering_boxes(board, shot)]), board.screen.aspect, 0.02
    )


def needs_of(board: EditableStoryboard, shot: ShotPlan) -> list[ReadingNeed]:
    """Return the balloons that must be read in a shot, with their reading times, in the shot's order."""
    page = board.page(shot)
    lines = {line.id: line for line in page.balloons}
    return [need_of(lines[name], page_unit(page)) for name in shot.balloons]


def _replace_shot(board: EditableStoryboard, shot: ShotPlan) -> EditableStoryboard:
    fresh, board = make_readable(board, shot)
    return board.with_shots([fresh])


def _target_box(board: EditableStoryboard, shot: ShotPlan, edit: SetFrame) -> tuple[str, Box]:
    if edit.balloon is not None:
        return "balloon", need_of(board.balloon(shot, edit.balloon), page_unit(board.page(shot))).nice
    if edit.panel is not None:
        boxes = board.panels(shot)
        if edit.panel > len(boxes):
            cure = (
                f"name one of panels 1 to {len(boxes)}"
                if len(boxes) > 1
                else f"say: shot {short_name(shot.id)} on panel 1"
            )
            raise EditError(
                f"shot {short_name(shot.id)} has no panel {edit.panel}", cure, "unknown_panel", shot=shot.id
            )
        return "panel", boxes[edit.panel - 1]
    kind = "character" if edit.character is not None else "box" if edit.box is not None else "place"
    return kind, _named_box(board, shot, edit) or geometry.union_box(board.panels(shot))


def box_in_panels(board: EditableStoryboard, shot: ShotPlan, edit: AddEffect | SetRedraw, hint: str) -> Box | None:
    """Return the place of an edit in page pixels; None where it is the whole panel.

    Args:
        board: The storyboard.
        shot: The shot that it changes.
        edit: The edit, with a character, a place, a box or none of them.
        hint: How to correct an edit whose place is not in the picture.

    Raises:
        EditError: Its place is not in the picture.
    """
    box = _named_box(board, shot, edit)
    if edit.box is not None and box and not any(geometry.overlap_box(box, panel) for panel in board.panels(shot)):
        what = f"there is nothing of shot {short_name(shot.id)} in that box"
        raise EditError(what, hint, "not_in_picture", shot=shot.id)
    return box


def _named_box(board: EditableStoryboard, shot: ShotPlan, edit: SetFrame | AddEffect | SetRedraw) -> Box | None:
    """Return the place that an edit names by a character, a box or a part of the panels; None if it names none."""
    if edit.character is not None:
        return character_box(board, shot, edit.character)
    if edit.box is not None:
        page = board.page(shot)
        wide, high = (page.width, page.height) if edit.share else (1, 1)
        x0, y0, x1, y1 = edit.box
        return Box(x0 * wide, y0 * high, x1 * wide, y1 * high)
    return None if edit.place is None else place_in(geometry.union_box(board.panels(shot)), edit.place)


def place_in(box: Box, place: Place) -> Box:
    """Return the part of a box that a place names: a half, a quarter, its middle, or all of it."""
    x, y = box.center
    sides = place.split()
    if place == "whole":
        return box
    if place == "center":
        return framing.scale_box(box, 0.5)
    x0, x1 = (box.x0, x) if "left" in sides else (x, box.x1) if "right" in sides else (box.x0, box.x1)
    upper, lower = {"upper", "top"} & set(sides), {"lower", "bottom"} & set(sides)
    y0, y1 = (box.y0, y) if upper else (y, box.y1) if lower else (box.y0, box.y1)
    return Box(x0, y0, x1, y1)


def character_box(board: EditableStoryboard, shot: ShotPlan, character_name: str) -> Box:
    """Return the largest sighting of a character in a shot.

    Raises:
        EditError: Nobody has seen them there.
    """
    who = board.people().get(fold_name(character_name))
    boxes = [
        character.box
        for character in board.page(shot).characters
        if character.character == who and character.panel in shot.panels
    ]
    if who is None or not boxes:
        name = f"shot {short_name(shot.id)}"
        hint = f"say where: {name} on upper left, or {name} on box 10%,20%,40%,50%"
        raise EditError(f"nobody has seen {character_name} in {name}", hint, "not_seen", shot=shot.id)
    return max(boxes, key=lambda box: box.area)


def _lettering_boxes(board: EditableStoryboard, shot: ShotPlan) -> list[Box]:
    return [need.box for need in needs_of(board, shot)]


def _lettering_box(board: EditableStoryboard, shot: ShotPlan) -> Box | None:
    boxes = _lettering_boxes(board, shot)
    return geometry.union_box(boxes) if boxes else None


def _keep_inside(view: Box, board: EditableStoryboard, shot: ShotPlan) -> Box:
    """Return the view, no nearer than the rules allow, moved into the panels where there is room."""
    short = MIN_VIEW_SIDE * NEAREST_SLACK * page_unit(board.page(shot))
    view = framing.scale_box(view, max(1.0, short / min(view.width, view.height)))
    panels = geometry.union_box(board.panels(shot))
    x0 = framing.clamp(panels.x0, view.x0, panels.x1 - view.width)
    y0 = framing.clamp(panels.y0, view.y0, panels.y1 - view.height)
    return Box(x0, y0, x0 + view.width, y0 + view.height)


def _shift_to_balloons(board: EditableStoryboard, shot: ShotPlan, view: Box, target: Box) -> Box:
    """Return the view moved to hold the balloons too, if it is large enough for both."""
    lettering = _lettering_box(board, shot)
    both = geometry.union_box([target, lettering]) if lettering else target
    return framing.shift_to_hold(view, both) if both.width <= view.width and both.height <= view.height else view


def _scale_views(board: EditableStoryboard, shot: ShotPlan, by: float) -> ShotPlan:
    lettering = _lettering_boxes(board, shot)
    keys = []
    for key in shot.camera:
        near = (
            _keep_inside(framing.scale_box(key.box, 1 / by), board, shot)
            if by > 1
            else framing.scale_box(key.box, 1 / by)
        )
        held = [box for box in lettering if framing.holds(key.box, box, 0.5)]
        near = framing.shift_to_hold(near, geometry.union_box(held)) if held else near
        keys.append(CameraKey(t=key.t, box=near))
    return shot.model_copy(update={"camera": tuple(keys)})


def _move_variants(board: EditableStoryboard, shot: ShotPlan, kind: Moving) -> Iterator[ShotPlan]:
    """Yield the shot with another camera move, the likeliest first."""
    boxes = [key.box for key in shot.camera]
    widest = max(boxes, key=lambda box: box.area)
    if kind == "hold":
        middle = camera_at(shot.camera, 0.5, shot.ease)
        yield from (rest_on(shot, view) for view in (boxes[-1], boxes[0], middle, widest, whole_view(board, shot)))
    elif kind in ("push in", "pull out"):
        yield from _push_variants(board, shot, [widest, whole_view(board, shot)], inward=kind == "push in")
    else:
        yield from _pan_variants(board, shot, kind)


def _push_variants(
    board: EditableStoryboard, shot: ShotPlan, bases: Sequence[Box], *, inward: bool
) -> Iterator[ShotPlan]:
    lettering, needs = _lettering_box(board, shot), needs_of(board, shot)
    for base in bases:
        for part in TRIED_SHARES:
            near = framing.scale_box(base, 1 / (1 + PUSH_SHARE * part))
            near = framing.shift_to_hold(near, lettering) if lettering else near
            ends = (base, near) if inward else (near, base)
            yield _with_path(board, shot, timing.time_drift(*ends, needs, board.screen, least=shot.seconds, beat=0.0))


def _pan_variants(board: EditableStoryboard, shot: ShotPlan, kind: Moving) -> Iterator[ShotPlan]:
    panels = geometry.union_box([*board.panels(shot), *_lettering_boxes(board, shot)])
    aspect, across = board.screen.aspect, kind.startswith("pan")
    short = MIN_VIEW_SIDE * NEAREST_SLACK * page_unit(board.page(shot)) * max(1.0, aspect)
    for share in (MAX_PAN_SHARE, 0.6, 0.85):
        width = min(panels.width * share, panels.height * aspect) if across else min(
            panels.width, panels.height * share * aspect
        )  # fmt: skip
        width = max(width, short)
        height, (x, y) = width / aspect, panels.center
        if across:
            ends = [Box(at, y - height / 2, at + width, y + height / 2) for at in (panels.x0, panels.x1 - width)]
        else:
            ends = [Box(x - width / 2, at, x + width / 2, at + height) for at in (panels.y0, panels.y1 - height)]
        room = panels.width - width if across else panels.height - height
        if room > 0.08 * width:
            yield _move_between(board, shot, ends if kind in ("pan right", "tilt down") else ends[::-1])


def _move_between(board: EditableStoryboard, shot: ShotPlan, ends: Sequence[Box]) -> ShotPlan:
    """Return the shot with its camera moving from one view to another; each balloon is read in the view that has it."""
    needs = needs_of(board, shot)
    first = [need for need in needs if framing.holds(ends[0], need.box, 0.5)]
    last = [need for need in needs if need not in first]
    stops = [Stop(ends[0], tuple(first)), Stop(ends[1], tuple(last))]
    return _with_path(board, shot, timing.time_stops(stops, board.screen, least=shot.seconds, beat=0.0))


def _with_path(board: EditableStoryboard, shot: ShotPlan, path: TimedPath) -> ShotPlan:
    fresh = shot.model_copy(update={"camera": path.camera(), "ease": path.ease})
    return stretch_shot(board, fresh, max(0.1, path.seconds))


def _refusal(board: EditableStoryboard, tried: ShotPlan, what: str, hint: str) -> EditError:
    """Return the error for a camera without room, with the violations of the shot that was tried last."""
    found = board.faults(tried)
    why = board.describe_violation(tried, found[0]) if found else "the picture has no room for it"
    return EditError(f"shot {short_name(tried.id)} {what}: {why}", hint, "no_room", shot=tried.id, violations=found)
