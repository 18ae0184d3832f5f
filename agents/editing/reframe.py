"""Reframe shots for another aspect ratio; their panels, balloons and options stay the same."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

from agents.editing import selectors
from agents.editing.duration import make_readable
from agents.editing.storyboard import EditableStoryboard
from agents.planning import camera_moves, framing, timing
from agents.planning.camera_moves import MoveContext
from agents.planning.panels import PlanningStyle, gather_subjects
from agents.planning.rule_based import move_cost
from storage.domain import Box, CameraKey, ShotPlan, VideoFormat
from tools import geometry

SAME_MOVE_BONUS = 0.3
"""Cost taken off a move that is like the present one, on the scale of `move_cost`."""
DETAIL_SHARE = 0.55
"""Share of a panel below which a shot counts as a detail, and stays one when it is reframed."""


def reframe_shot(board: EditableStoryboard, shot: ShotPlan, screen: VideoFormat) -> ShotPlan:
    """Return a shot framed for `screen`: the first framing that keeps the rules of a plan, else the whole panel.

    The length stays the same, or grows until the balloons can be read in the new framing.
    """
    if screen.has_aspect(shot.camera[0].box.aspect):
        return shot
    shot = shot.model_copy(update={"line_starts": ()})  # another camera shows its lines at other times
    reframed = replace(board, screen=screen)
    best: tuple[int, ShotPlan] | None = None
    for fresh in _framings(reframed, shot):
        found, _ = make_readable(reframed, fresh)
        faults = len(reframed.faults(found))
        if not faults:
            return found
        if best is None or faults < best[0]:
            best = faults, found
    assert best is not None, "the whole panel is always a way"
    return best[1]


def describe_locks(locked: Sequence[ShotPlan], aspect: str) -> str:
    """Describe how another aspect ratio affects locked shots: a lock belongs to the aspect ratio that it was set in."""
    one = len(locked) == 1
    said = f"{'is' if one else 'are'} locked, and framed for {aspect} too: another aspect is another film"
    return f"{selectors.describe_shots(locked)} {said}; as {'it stands' if one else 'they stand'} in this one is kept"


def reframe_all(board: EditableStoryboard, screen: VideoFormat) -> EditableStoryboard:
    """Return the whole storyboard framed for another video format."""
    shots = tuple(reframe_shot(board, shot, screen) for shot in board.shots)
    return replace(board, shots=shots, screen=screen)


def _framings(board: EditableStoryboard, shot: ShotPlan) -> Iterator[ShotPlan]:
    near = board.share_shown(shot) < DETAIL_SHARE and not _is_travelling(shot)
    if near:
        yield _fit_views(board, shot)
    if len(shot.panels) == 1:
        yield from _panel_moves(board, shot)
    if not near:
        yield _fit_views(board, shot)
    boxes = board.panels(shot)
    texts = [text.box for text in board.page(shot).balloons if text.id in shot.balloons]
    whole = framing.fit_box(geometry.union_box([*boxes, *texts]), board.screen.aspect, 0.03)
    yield shot.model_copy(update={"camera": (CameraKey(t=0, box=whole), CameraKey(t=1, box=whole))})


def _panel_moves(board: EditableStoryboard, shot: ShotPlan) -> Iterator[ShotPlan]:
    """Yield the moves that the rules offer if one shot of the panel reads the same balloons, the most similar first."""
    subjects, _ = gather_subjects(board.page(shot), board.transcript.order, {}, board.screen.aspect, PlanningStyle())
    subject = next((one for one in subjects if one.panel.id == shot.panels[0]), None)
    if subject is None or tuple(need.line.id for need in subject.needs) != shot.balloons:
        return
    lens = MoveContext(subject, board.screen, PlanningStyle())
    moved = _is_travelling(shot), _is_zooming(shot)

    def cost_of_move(idea: camera_moves.CameraMove) -> float:
        kind = idea.kind
        same = (kind in ("pan", "tilt", "scroll"), kind in ("push", "pull")) == moved
        return move_cost(idea, lens, ()) - SAME_MOVE_BONUS * same

    for idea in sorted((idea for idea in camera_moves.possible_moves(lens) if len(idea.parts) == 1), key=cost_of_move):
        part = idea.parts[0]
        path = part.path
        longer = max(path.seconds, shot.seconds)
        keys = tuple((at * longer / path.seconds, box) for at, box in path.keys)
        timed = timing.TimedPath(keys, path.ease)
        seconds = timing.round_up_to_frames(min(60.0, longer), board.screen)
        yield shot.model_copy(update={"camera": timed.camera(), "ease": path.ease, "seconds": seconds})


def _fit_views(board: EditableStoryboard, shot: ShotPlan) -> ShotPlan:
    """Return the shot with each camera key as the smallest view that holds the part of the panels seen before."""
    shown = geometry.union_box(board.panels(shot))
    texts = [text.box for text in board.page(shot).balloons if text.id in shot.balloons]
    keys = []
    for key in shot.camera:
        part = geometry.overlap_box(key.box, shown) or key.box
        held = [box for box in texts if framing.holds(key.box, box, 0.5)]
        wanted: Box = geometry.union_box([part, *held])
        keys.append(CameraKey(t=key.t, box=framing.fit_box(wanted, board.screen.aspect, 0.01)))
    return shot.model_copy(update={"camera": tuple(keys)})


def _is_travelling(shot: ShotPlan) -> bool:
    """Return whether the camera moves along a panel, by more than a fifth of its view."""
    first, last = shot.camera[0].box, shot.camera[-1].box
    (ax, ay), (bx, by) = first.center, last.center
    return abs(ax - bx) > 0.2 * first.width or abs(ay - by) > 0.2 * first.height


def _is_zooming(shot: ShotPlan) -> bool:
    return not _is_travelling(shot) and shot.camera[0].box != shot.camera[-1].box
