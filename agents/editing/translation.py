"""Translate shots and edits of an earlier plan to the panels and balloons of the present pages."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from agents.editing import (  # fmt: skip
    AddEffect,
    ChooseTake,
    DropBalloon,
    ReadBalloon,
    SetFrame,
    SetPose,
    SetRedraw,
    SetReferences,
    ShotEdit,
)
from agents.editing.selectors import ShotSelector, full_name
from agents.editing.sound_edits import AddSound
from agents.editing.storyboard import EditableStoryboard
from agents.planning.sound_times import with_cues
from storage.domain import Box, CameraKey, PageTranscript, ShotPlan
from storage.records import LossCause
from tools.reading.matching import UNMOVED, ReadingMatch

Change = Mapping[str, Any]
"""New values of fields of an edit."""
ShotNames = Mapping[str, Sequence[str]]
"""The ids of the shots that film the panels of an earlier shot now, by its earlier id."""


class TranslationError(Exception):
    """An edit means nothing on the present pages; `cause` says why."""

    def __init__(self, cause: LossCause) -> None:
        super().__init__(cause)
        self.cause: LossCause = cause


def map_shots(old: Sequence[ShotPlan], new: Sequence[ShotPlan], match: ReadingMatch) -> dict[str, tuple[str, ...]]:
    """Return which shots film the panels of each earlier shot now, in film order, by the earlier shot's id.

    Shots of the same panels correspond one by one where there are as many of them as before. Otherwise a shot
    corresponds to all shots of its panels, or to those of a part of them, or else to one of more panels.
    """
    wanted = {shot.id: frozenset(match.panels[name] for name in shot.panels if name in match.panels) for shot in old}
    then, now = _group_ids({**wanted}), _group_ids({shot.id: frozenset(shot.panels) for shot in new})
    found: dict[str, tuple[str, ...]] = {}
    for shot in old:
        panels = wanted[shot.id]
        same = now.get(panels, ())
        if len(same) == len(then[panels]) and panels:
            found[shot.id] = (same[then[panels].index(shot.id)],)
        elif panels:
            parts = same or [new_shot.id for new_shot in new if panels.issuperset(new_shot.panels)]
            found[shot.id] = tuple(parts or [new_shot.id for new_shot in new if panels.issubset(new_shot.panels)])
        else:
            found[shot.id] = ()
    return found


def _group_ids(panels: Mapping[str, frozenset[str]]) -> dict[frozenset[str], list[str]]:
    groups: dict[frozenset[str], list[str]] = {}
    for name, members in panels.items():
        groups.setdefault(members, []).append(name)
    return groups


def translate_shot(shot: ShotPlan, match: ReadingMatch) -> ShotPlan | None:
    """Return an earlier plan of a shot for the present pages: the same, with the panels, balloons and places of now.

    Returns:
        The plan; None if a panel or a balloon of it is gone, or its panels are on several pages now.
    """
    lettering = {*shot.balloons, *(cue.balloon for cue in shot.sound.cues if cue.balloon is not None)}
    pages = {match.page_of[match.panels[name]] for name in shot.panels if name in match.panels}
    if not set(shot.panels) <= match.panels.keys() or len(pages) != 1 or not lettering <= match.balloons.keys():
        return None
    shift = match.shifts[shot.panels[0]]
    camera = tuple(key if shift == UNMOVED else CameraKey(t=key.t, box=shift.move(key.box)) for key in shot.camera)
    options = shot.render_options
    if options.references:
        kept = tuple(match.panels.get(name, name) for name in options.references)
        options = options.model_copy(update={"references": kept})
    if shift != UNMOVED and options.effects:
        moved = (one.model_copy(update={"box": shift.move(one.box)}) if one.box else one for one in options.effects)
        options = options.model_copy(update={"effects": tuple(moved)})
    if shift != UNMOVED and options.redraw and options.redraw.box:
        redraw = options.redraw.model_copy(update={"box": shift.move(options.redraw.box)})
        options = options.model_copy(update={"redraw": redraw})
    if any(pose.panel for pose in options.key_poses):
        poses = (pose.model_copy(update={"panel": match.panels.get(pose.panel, "")}) for pose in options.key_poses)
        options = options.model_copy(
            update={"key_poses": tuple(pose for pose in poses if pose.panel or pose.prompt)}
        )  # fmt: skip
    cues = tuple(
        cue if cue.balloon is None else cue.model_copy(update={"balloon": match.balloons[cue.balloon]})
        for cue in shot.sound.cues
    )
    return shot.model_copy(
        update={
            "page": pages.pop(), "camera": camera, "render_options": options,
            "panels": tuple(match.panels[name] for name in shot.panels),
            "balloons": tuple(match.balloons[name] for name in shot.balloons),
            "sound": with_cues(shot.sound, cues),
        }
    )  # fmt: skip


@dataclass(frozen=True)
class EditTranslation:
    """Translates edits from one state of an earlier storyboard to one state of the present storyboard.

    Attributes:
        old: The earlier storyboard before the edit.
        new: The present storyboard before the edit.
        counterparts: The shots of now by those of then.
        match: The counterparts of pages, panels and balloons.
    """

    old: EditableStoryboard
    new: EditableStoryboard
    counterparts: ShotNames
    match: ReadingMatch

    def edit_for(self, edit: ShotEdit, source: ShotPlan, targets: Sequence[str]) -> ShotEdit:
        """Return an edit of the earlier shot `source` for the shots `targets` of now.

        Raises:
            TranslationError: It names something that is not there any more.
        """
        change: Change = {"which": ShotSelector.of(*targets)}
        if translate := _TRANSLATORS.get(type(edit)):
            change = {**change, **translate(self, edit, source, targets)}
        return edit.model_copy(update=change)

    def target_shot(self, targets: Sequence[str]) -> ShotPlan:
        """Return the shot of now, which must be one.

        Raises:
            TranslationError: It is several.
        """
        if len(targets) != 1:
            raise TranslationError("planned_otherwise")
        return next(shot for shot in (*self.new.shots, *self.new.dropped.values()) if shot.id == targets[0])


def _translate_frame(state: EditTranslation, edit: SetFrame, source: ShotPlan, targets: Sequence[str]) -> Change:
    if edit.balloon is not None:
        return {"balloon": _balloon_number(state, edit.balloon, source, targets)}
    if edit.panel is not None:
        there = source.panels[edit.panel - 1]
        shot = state.target_shot(targets)
        if state.match.panels.get(there) not in shot.panels:
            raise TranslationError("panel_gone")
        return {"panel": shot.panels.index(state.match.panels[there]) + 1}
    if edit.box is not None:
        return _translate_box(state, edit.box, source, share=edit.share)
    return {}


def _translate_effect(
    state: EditTranslation, edit: AddEffect | SetRedraw, source: ShotPlan, targets: Sequence[str]
) -> Change:
    return _translate_box(state, edit.box, source, share=edit.share) if edit.box is not None else {}


def _translate_box(state: EditTranslation, box: Box, source: ShotPlan, *, share: bool) -> Change:
    """Return a box of the page, moved as the first panel of the shot that is still there."""
    shift = next((state.match.shifts[name] for name in source.panels if name in state.match.shifts), UNMOVED)
    page = state.old.page(source)
    there = state.match.pages.get(page.index)
    now = next((new_page for new_page in state.new.transcript.pages if new_page.index == there), None)
    if shift == UNMOVED and (not share or _has_same_size(now, page)):
        return {}
    if share:
        box = Box(box.x0 * page.width, box.y0 * page.height, box.x1 * page.width, box.y1 * page.height)
    return {"box": shift.move(box), "share": False}


def _has_same_size(a: PageTranscript | None, b: PageTranscript) -> bool:
    return a is not None and (a.width, a.height) == (b.width, b.height)


def _translate_pose(state: EditTranslation, edit: SetPose, source: ShotPlan, targets: Sequence[str]) -> Change:
    """Return the number that the panel of a pose has on its page now."""
    if edit.panel is None:
        return {}
    then, now = (
        [panel.id for panel in sorted(board.page(shot).panels, key=lambda panel: panel.order)]
        for board, shot in ((state.old, source), (state.new, state.target_shot(targets)))
    )
    there = state.match.panels.get(then[edit.panel - 1])
    if there not in now:
        raise TranslationError("panel_gone")
    return {"panel": now.index(there) + 1}


def _translate_balloon(
    state: EditTranslation, edit: DropBalloon | ReadBalloon, source: ShotPlan, targets: Sequence[str]
) -> Change:
    return {"balloon": _balloon_number(state, edit.balloon, source, targets)}


def _translate_sound(state: EditTranslation, edit: AddSound, source: ShotPlan, targets: Sequence[str]) -> Change:
    return {} if edit.balloon is None else {"balloon": _balloon_number(state, edit.balloon, source, targets)}


def _balloon_number(state: EditTranslation, number: int, source: ShotPlan, targets: Sequence[str]) -> int:
    """Return the number, in the shot of now, of the balloon that has `number` in the earlier shot."""
    there = state.match.balloons.get(state.old.balloon(source, number).id)
    found = state.new.number_of(state.target_shot(targets), there) if there else None
    if found is None:
        raise TranslationError("balloon_gone")
    return found


def _translate_take(state: EditTranslation, edit: ChooseTake, source: ShotPlan, targets: Sequence[str]) -> Change:
    shot = state.target_shot(targets)
    plan = translate_shot(edit.plan, state.match) if edit.plan else None
    if plan is None:
        gone = edit.plan and not set(edit.plan.panels) <= state.match.panels.keys()
        raise TranslationError("panel_gone" if gone else "balloon_gone")
    return {"plan": plan.model_copy(update={"id": shot.id})}


def _translate_references(
    state: EditTranslation, edit: SetReferences, source: ShotPlan, targets: Sequence[str]
) -> Change:
    """Return the references with the names of shots as they are now."""
    if edit.who is None:
        return {}
    return {"who": tuple(name for said in edit.who for name in _reference_names(state, said))}


def _reference_names(state: EditTranslation, said: str) -> Sequence[str]:
    shot = full_name(said.lower().removeprefix("shot "))
    if shot in state.counterparts:
        found = state.counterparts[shot]
    elif any(panel.id == said for page in state.old.transcript.pages for panel in page.panels):
        found = [state.match.panels[said]] if said in state.match.panels else []
    else:
        return [said]  # a character or a picture
    if not found:
        raise TranslationError("panel_gone")
    return found


_TRANSLATORS: dict[type, Callable[..., Change]] = {
    SetFrame: _translate_frame,
    AddEffect: _translate_effect,
    SetRedraw: _translate_effect,
    SetPose: _translate_pose,
    AddSound: _translate_sound,
    DropBalloon: _translate_balloon,
    ReadBalloon: _translate_balloon,
    ChooseTake: _translate_take,
    SetReferences: _translate_references,
}
