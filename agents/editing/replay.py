"""Replay logged edits on a new plan, one after the other, as far as the panels that they changed still stand.

Each edit is applied again to the shots that film the same panels now. What cannot be applied is collected as
`LostEdit`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from agents.editing import (  # fmt: skip
    ChooseTake,
    Drop,
    FilmEdit,
    Lock,
    Merge,
    MoveShot,
    Plan,
    Restore,
    SetAspect,
    SetSeconds,
    ShotEdit,
    Split,
    Swap,
    Unlock,
)
from agents.editing.apply import apply_edit
from agents.editing.derived_edits import edits_between
from agents.editing.refusals import EditError
from agents.editing.selectors import ALL, ShotSelector
from agents.editing.storyboard import EditableStoryboard
from agents.editing.translation import EditTranslation, TranslationError, map_shots, translate_shot
from storage.domain import ShotPlan
from storage.errors import SettingsError
from storage.records import LossCause, LostEdit
from storage.shot_ids import next_id, sort_key
from tools.reading.matching import ReadingMatch

STRUCTURAL_EDITS = (Split, Merge, MoveShot, Swap, Drop, Restore)
"""Edits that change which shots there are, or their order."""
NAMED_SHOT_EDITS = (Lock, Unlock, *STRUCTURAL_EDITS)
"""Edits that concern only the shots that they named, also where they were said of the whole film."""
SINGLE_SHOT_EDITS = (SetSeconds, Split, ChooseTake, Swap)
"""Edits that mean something else where one shot has become several."""


@dataclass(frozen=True)
class LoggedEdit:
    """An edit of an earlier plan, with the storyboard before and after it.

    Attributes:
        edit: The edit.
        revision: The revision that made it.
        position: Its position in that revision, from 0.
        before: The storyboard to which it was applied.
        after: The storyboard that it made.
        match: The counterparts of that storyboard's panels on the present pages.
    """

    edit: Plan
    revision: int
    position: int
    before: EditableStoryboard
    after: EditableStoryboard
    match: ReadingMatch


@dataclass(frozen=True)
class Patch:
    """A change of an earlier plan of which only the result is known, not the edits.

    Attributes:
        revision: The revision that made it.
        before: The storyboard before it.
        after: The storyboard that it made.
        match: The counterparts of its panels on the present pages.
    """

    revision: int
    before: EditableStoryboard
    after: EditableStoryboard
    match: ReadingMatch


@dataclass(frozen=True)
class _ShotEdit:
    """An edit of one earlier shot, for the shots of now that stand for it."""

    shot: ShotPlan
    targets: tuple[str, ...]
    edit: ShotEdit


@dataclass
class Replay:
    """A new plan on which edits are replayed.

    Attributes:
        board: The storyboard so far.
        counterparts: The shots of the new plan that film the panels of each earlier shot, by the earlier shot's id.
        lost: The edits that could not be applied.
    """

    board: EditableStoryboard
    counterparts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    lost: list[LostEdit] = field(default_factory=list)
    _last: EditableStoryboard | None = None

    def apply(self, logged: LoggedEdit) -> None:
        """Apply one edit as far as possible."""
        if self._last is not logged.before:
            self.counterparts = map_shots(logged.before.shots, self.board.shots, logged.match) | {
                name: known for name, known in self.counterparts.items() if name in logged.before.dropped
            }
        self._last = logged.after
        if isinstance(logged.edit, SetAspect):
            return  # the new plan is framed for the aspect that the film has now
        if isinstance(logged.edit, FilmEdit) or (
            logged.edit.which == ALL and not isinstance(logged.edit, NAMED_SHOT_EDITS)
        ):
            if self._try(logged.edit):
                return
            if isinstance(logged.edit, FilmEdit):
                self.lost.append(_lost_edit(logged, logged.edit, [], "refused"))
                return
        before = self.board
        if isinstance(logged.edit, (Merge, MoveShot, Swap)):
            self._apply_together(logged, logged.edit)
        else:
            self._apply_by_shot(logged, logged.edit)
        self._match_added_shots(logged, before)

    def apply_patch(self, patch: Patch) -> None:
        """Set the shots that a patch changed, page by page; where the plan is another, apply edits that do the same."""
        self._last = None
        before, after = patch.before, patch.after
        for page in dict.fromkeys(shot.page for shot in before.shots):
            was, wanted = shots_of_page(before.shots, page), shots_of_page(after.shots, page)
            same_ids = [shot.id for shot in was] == [shot.id for shot in wanted]
            if same_ids and [*map(without_labels, was)] == [*map(without_labels, wanted)]:
                continue
            then, changed = (_translate_shots(shots, patch.match) for shots in (was, wanted))
            now = shots_of_page(self.board.shots, patch.match.pages.get(page, -1))
            if then is not None and changed is not None and _is_planned_alike(then, now):
                self.board = self.board.in_order(_replace_run(self.board.shots, now, changed))
                continue
            for position, edit in enumerate(edits_between(before, was, wanted)):
                self.apply(LoggedEdit(edit, patch.revision, position, before, after, patch.match))

    def _apply_by_shot(self, logged: LoggedEdit, edit: ShotEdit) -> None:
        """Apply an edit to each of its shots that has a counterpart; first to all of them at once."""
        translated = [*self._translate(logged, edit)]
        for joined, members in _join_equal(translated):
            if not self._try(joined):
                refused = [shot_edit for shot_edit in members if not self._try(shot_edit.edit)]
                self.lost += [_lost_edit(logged, shot_edit.edit, [shot_edit.shot], "refused") for shot_edit in refused]
        if isinstance(edit, Lock):
            for shot_edit in translated:
                self._restore_locked(logged, shot_edit.shot, shot_edit.targets)

    def _translate(self, logged: LoggedEdit, edit: ShotEdit) -> Iterator[_ShotEdit]:
        """Yield the edit for each of its shots that has a counterpart; for the others it is lost."""
        translation = EditTranslation(logged.before, self.board, self.counterparts, logged.match)
        sources = self._sources_of(logged)
        for shot in _selected_shots(logged, edit):
            targets = self._targets_of(shot, logged)
            try:
                _require_counterparts(edit, shot, targets, sources, logged)
                yield _ShotEdit(shot, targets, translation.edit_for(edit, shot, targets))
            except TranslationError as error:
                self._lose(logged, edit, [shot], error.cause)
            except SettingsError:  # what it names is not in the earlier shot any more
                self._lose(logged, edit, [shot], "refused")

    def _apply_together(self, logged: LoggedEdit, edit: Merge | MoveShot | Swap) -> None:
        """Apply an edit that concerns several shots at once: to all of them, or not at all."""
        shots = _selected_shots(logged, edit)
        anchors = logged.before.select(edit.other) if isinstance(edit, MoveShot) else []
        targets = [self._targets_of(shot, logged) for shot in (*shots, *anchors)]
        missing = [shot for shot, found in zip((*shots, *anchors), targets, strict=True) if not found]
        target_ids = tuple(dict.fromkeys(name for found in targets[: len(shots)] for name in found))
        translated: Merge | MoveShot | Swap = (
            edit.model_copy(update={"which": ShotSelector.of(*target_ids)}) if target_ids else edit
        )
        if isinstance(translated, MoveShot) and all(targets):
            anchor_ids = [name for found in targets[len(shots) :] for name in found]
            translated = translated.model_copy(update={"other": ShotSelector.of(*anchor_ids)})
        too_few = len(target_ids) < (2 if isinstance(edit, Merge) else 1)
        if missing:
            self._lose(logged, edit, missing, "panel_gone")
        elif too_few or (isinstance(edit, Swap) and any(len(found) != 1 for found in targets)):
            self.lost.append(_lost_edit(logged, edit, shots, "planned_otherwise"))
        elif not self._try(translated):
            self.lost.append(_lost_edit(logged, translated, shots, "refused"))

    def _try(self, edit: Plan) -> bool:
        """Apply an edit to the new plan, and return whether it was possible."""
        try:
            self.board = apply_edit(self.board, edit)
        except SettingsError as error:
            return isinstance(error, EditError) and error.kind == "already_so"
        return True

    def _targets_of(self, shot: ShotPlan, logged: LoggedEdit) -> tuple[str, ...]:
        """Return the shots of now for an earlier shot that are still in the film, or left out for a restore."""
        in_film = {planned.id for planned in self.board.shots}
        found = self.counterparts.get(shot.id, ())
        if isinstance(logged.edit, Restore):
            return tuple(name for name in found if name not in in_film)
        return tuple(name for name in found if name in in_film)

    def _sources_of(self, logged: LoggedEdit) -> Mapping[str, set[str]]:
        """Return the earlier shots that each shot of now stands for."""
        found: dict[str, set[str]] = {}
        for shot in logged.before.shots:
            for name in self.counterparts.get(shot.id, ()):
                found.setdefault(name, set()).add(shot.id)
        return found

    def _lose(self, logged: LoggedEdit, edit: Plan, shots: Sequence[ShotPlan], cause: LossCause) -> None:
        """Note that an edit is lost for some earlier shots; where their panels still stand, the plan is another."""
        has_panels = any(name in logged.match.panels for shot in shots for name in shot.panels)
        if cause == "panel_gone" and has_panels:
            cause = "planned_otherwise"
        lost = (
            edit
            if isinstance(edit, (Merge, MoveShot, Swap, FilmEdit))
            else edit.model_copy(update={"which": ShotSelector.of(*(shot.id for shot in shots))})
        )
        self.lost.append(_lost_edit(logged, lost, shots, cause))

    def _restore_locked(self, logged: LoggedEdit, shot: ShotPlan, targets: Sequence[str]) -> None:
        """Put a locked shot back exactly as it was: a lock forbids all changes, also by a new plan."""
        locked = next((later_shot for later_shot in logged.after.shots if later_shot.id == shot.id), None)
        plan = translate_shot(locked, logged.match) if locked else None
        if plan is None or not self.board.screen.has_aspect(plan.camera[0].box.aspect):
            return
        replaced = [planned for planned in self.board.shots if planned.id in targets]
        if not replaced or any(not set(plan.panels).issuperset(planned.panels) for planned in replaced):
            return
        restored = plan.model_copy(update={"id": replaced[0].id, "ordinal": 0})
        removed = {planned.id for planned in replaced[1:]}
        shots = [
            restored if planned.id == restored.id else planned
            for planned in self.board.shots
            if planned.id not in removed
        ]
        self.board = self.board.in_order(shots)
        self.counterparts[shot.id] = (restored.id,)

    def _match_added_shots(self, logged: LoggedEdit, before: EditableStoryboard) -> None:
        """Match the shots that an edit added, such as the second half of a split shot."""
        if not isinstance(logged.edit, Restore):
            added_then, added_now = _added_ids(logged.before, logged.after), _added_ids(before, self.board)
            self.counterparts |= {old: (new,) for old, new in zip(added_then, added_now, strict=False)}


def _added_ids(before: EditableStoryboard, after: EditableStoryboard) -> list[str]:
    """Return the ids of the shots that only the later storyboard has, in the order of the film."""
    known = {shot.id for shot in before.shots}
    return [shot.id for shot in after.shots if shot.id not in known]


def _selected_shots(logged: LoggedEdit, edit: ShotEdit) -> list[ShotPlan]:
    """Return the earlier shots that an edit changed."""
    if isinstance(edit, Restore):
        added = _added_ids(logged.before, logged.after)
        return [shot for shot in logged.after.shots if shot.id in added]
    found = logged.before.select(edit.which)
    return found if isinstance(edit, Unlock) else [shot for shot in found if not shot.locked]


def _require_counterparts(
    edit: ShotEdit, shot: ShotPlan, targets: Sequence[str], sources: Mapping[str, set[str]], logged: LoggedEdit
) -> None:
    """Raise TranslationError where the shots of now are no counterpart for this edit."""
    if not targets:
        raise TranslationError("panel_gone")
    if len(targets) > 1 and isinstance(edit, SINGLE_SHOT_EDITS):
        raise TranslationError("planned_otherwise")
    if isinstance(edit, (Drop, *SINGLE_SHOT_EDITS)):
        selected = {one.id for one in _selected_shots(logged, edit)} if isinstance(edit, Drop) else {shot.id}
        if any(not sources.get(name, set()) <= selected for name in targets):
            raise TranslationError("planned_otherwise")


def _join_equal(shot_edits: Iterable[_ShotEdit]) -> list[tuple[ShotEdit, list[_ShotEdit]]]:
    """Return the edits with those that differ only in their shots joined to one, in the order of their shots."""
    groups: list[tuple[ShotEdit, list[_ShotEdit]]] = []
    for shot_edit in shot_edits:
        for at, (joined, members) in enumerate(groups):
            if joined.model_copy(update={"which": shot_edit.edit.which}) == shot_edit.edit:
                which = ShotSelector.of(*dict.fromkeys((*joined.which.shot_ids, *shot_edit.targets)))
                groups[at] = joined.model_copy(update={"which": which}), [*members, shot_edit]
                break
        else:
            groups.append((shot_edit.edit, [shot_edit]))
    return groups


def _lost_edit(logged: LoggedEdit, edit: Plan, shots: Sequence[ShotPlan], cause: LossCause) -> LostEdit:
    names = tuple(sorted((shot.id for shot in shots), key=sort_key))
    return LostEdit(
        edit=edit.model_dump(mode="json"), shots=names, cause=cause, revision=logged.revision, position=logged.position
    )


def shots_of_page(shots: Iterable[ShotPlan], page: int) -> list[ShotPlan]:
    """Return the shots of one page, in the order of the film."""
    return [shot for shot in shots if shot.page == page]


def _translate_shots(shots: Iterable[ShotPlan], match: ReadingMatch) -> list[ShotPlan] | None:
    """Return shots with the panels and balloons of now; None if one of them has no counterpart."""
    translated = [translate_shot(shot, match) for shot in shots]
    found = [shot for shot in translated if shot is not None]
    return found if len(found) == len(translated) else None


def without_labels(shot: ShotPlan) -> ShotPlan:
    """Return a plan without its id, its position, its director and the reason for it, for comparison."""
    return shot.model_copy(update={"id": "", "ordinal": 0, "reason": "", "director": ""})


def _is_planned_alike(old: Iterable[ShotPlan], new: Iterable[ShotPlan]) -> bool:
    """Return whether shots have the same plans but for their labels and prompts, which a director words anew."""
    plain = ([without_labels(shot).model_copy(update={"prompt": ""}) for shot in shots] for shots in (old, new))
    return next(plain) == next(plain)


def _replace_run(shots: Sequence[ShotPlan], old: Sequence[ShotPlan], new: Sequence[ShotPlan]) -> tuple[ShotPlan, ...]:
    """Return the shots with those of one page replaced; a name that another page has is changed."""
    gone = {shot.id for shot in old}
    taken = {shot.id for shot in shots} - gone
    place = min((at for at, shot in enumerate(shots) if shot.id in gone), default=len(shots))
    rest = [shot for shot in shots if shot.id not in gone]
    return (*rest[:place], *rename_taken(new, taken), *rest[place:])


def rename_taken(shots: Sequence[ShotPlan], taken: set[str]) -> list[ShotPlan]:
    """Return the shots; one whose name is taken gets the next number that no shot has."""
    used, named = taken | {shot.id for shot in shots}, list[ShotPlan]()
    for shot in shots:
        name = next_id(used) if shot.id in taken else shot.id
        used.add(name)
        named.append(shot.model_copy(update={"id": name}))
    return named
