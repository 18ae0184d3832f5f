"""Apply the edits of a script once, and keep what people changed afterwards.

If the edits in the script have changed since the last run, they are applied anew to the director's plan. A shot that a
person changed or locked then keeps its plan, whatever the script says now, and is reported.
"""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from agents import preflight
from agents.corrections import replan
from agents.editing import Plan, Reading, grammar, resolve, revise, selectors, shot_protection
from agents.editing.apply import apply_edit
from agents.editing.shot_status import editable_storyboard
from agents.editing.storyboard import EditableStoryboard, describe_losses
from agents.review import retakes
from agents.run_context import Progress
from agents.scripting.aspect_variants import is_framing
from agents.scripting.scripts import LoadedScript
from storage.domain import ShotPlan, VideoFormat
from storage.errors import SettingsError
from storage.library import Library
from storage.records import Author, Revision, RevisionDraft
from storage.shot_ids import sort_key

Say = Callable[[Progress], None]
MESSAGE = "as the script says"
Placed = tuple[int, Plan]
"""The index of a line in the script, and an edit of it."""
HUMAN_AUTHORS: tuple[Author, ...] = ("hand", "chat")


def apply_script_edits(project: Path, loaded: LoadedScript, say: Say) -> None:
    """Apply the edits of a script to a project, unless they are already in force.

    Raises:
        SettingsError: An edit is not possible.
    """
    with Library.open(project) as library:
        fresh = _apply_corrections(library, loaded, say)
        wanted = _resolve_edits(library, loaded)
        before = _last_scripted(library)
        if before is None:
            try_edits(loaded, editable_storyboard(library), wanted)
            plans = [edit for _, edit in wanted]
            done = revise.revise(library, plans, author="script", message=MESSAGE, say=say)
            _report_notes(say, done.notes)
        elif before.edits != _edits_data(wanted) or fresh:
            # otherwise they are in force, or were rebased onto a newer plan
            line = library.ancestry()
            _apply_changed_edits(library, before, loaded, wanted, say)
            retakes.rebase_retakes(library, line)


def try_edits(loaded: LoadedScript, board: EditableStoryboard, edits: Sequence[Placed]) -> EditableStoryboard:
    """Return the storyboard after the edits.

    Raises:
        SettingsError: An edit is not possible; the message names its line.
    """
    after = board
    for at, edit in edits:
        with loaded.locate_errors("edits", at):
            after = apply_edit(after, edit)
    return after.with_note(*describe_losses(board, after))


def _apply_changed_edits(
    library: Library, before: Revision, loaded: LoadedScript, edits: Sequence[Placed], say: Say
) -> None:
    """Apply the edits to the director's plan in place of those of `before`, and rebase people's changes onto it."""
    board, head = director_revision(library), library.head()
    assert board is not None
    assert head is not None, "a script has been there before"
    after = try_edits(loaded, board, edits)
    preflight.refuse_changes(library.settings(), board, after)
    _report_notes(say, after.notes)
    data = _edits_data(edits)
    drafts = [RevisionDraft(after.shots, "", "script", MESSAGE, data)] if edits else []
    own = shot_protection.protected_shots(library, HUMAN_AUTHORS)
    people = [revision.author for revision in library.ancestry() if revision.author in HUMAN_AUTHORS]
    found = RebasedPlan(after.shots)
    if people:
        found = rebase_on_script(_shots_after_script(board, before), library.shots(), after.shots, own)
    if found.shots != after.shots:
        message = f"what was changed by hand, carried over from revision {head.number}"
        drafts.append(RevisionDraft(found.shots, "", people[-1], message, kind="rebase", origin=head.number))
    if found.kept_shots:
        stay = "stays as you have it" if len(found.kept_shots) == 1 else "stay as you have them"
        _report_notes(say, [f"{selectors.describe_names(found.kept_shots)} {stay}"])
    planned, now = _shots_by_id(board.shots), _shots_by_id(after.shots)
    if aside := [name for name in found.overridden_shots if now.get(name) != planned.get(name)]:
        _report_notes(say, [f"what it says now of {selectors.describe_names(aside)} gives way to that"])
    library.add_branch(
        next(revision.number for revision in reversed(library.ancestry()) if revision.kind == "plan"), drafts
    )


def director_revision(library: Library) -> EditableStoryboard | None:
    """Return the newest director's plan in force, without any edits; None if nothing is planned."""
    transcript = library.transcript()
    plan = next((revision for revision in reversed(library.ancestry()) if revision.kind == "plan"), None)
    if plan is None or transcript is None:
        return None
    return EditableStoryboard(library.shots(plan.number), transcript, plan.screen or VideoFormat())


@dataclass(frozen=True)
class RebasedPlan:
    """The shots of a script's new plan, with people's changes rebased onto it."""

    shots: tuple[ShotPlan, ...]
    kept_shots: tuple[str, ...] = ()
    """Ids of the shots that stay as people changed them."""
    overridden_shots: tuple[str, ...] = ()
    """Ids of the shots for which the script's edits gave way to them."""


def rebase_on_script(
    base: Sequence[ShotPlan], edited: Sequence[ShotPlan], scripted: Sequence[ShotPlan], changed_ids: frozenset[str]
) -> RebasedPlan:
    """Rebase people's changes onto the shots of a script, page by page.

    If both people and the script changed which shots a page has, people's page is kept.

    Args:
        base: The shots of the script's earlier edits.
        edited: The shots after people's changes.
        scripted: The shots of the script's present edits.
        changed_ids: Ids of the shots that people changed.
    """
    shots: list[ShotPlan] = []
    kept: list[str] = []
    overridden: list[str] = []
    for page in sorted({shot.page for shot in (*edited, *scripted)}):
        old, own_shots, new = ([shot for shot in shots if shot.page == page] for shots in (base, edited, scripted))
        changed = _changed_by_people(old, own_shots, changed_ids)
        stands = _merge_page(old, own_shots, new, changed)
        shots += stands
        kept += changed
        had, has, now = _shots_by_id(old), _shots_by_id(new), _shots_by_id(stands)
        script = {name for name in {*has, *had} if has.get(name) != had.get(name)}
        overridden += sorted((name for name in script if now.get(name) != has.get(name)), key=sort_key)
    placed = tuple(shot.model_copy(update={"ordinal": at}) for at, shot in enumerate(shots))
    return RebasedPlan(placed, tuple(kept), tuple(overridden))


def _merge_page(
    old: Sequence[ShotPlan], edited: Sequence[ShotPlan], new: Sequence[ShotPlan], changed: Sequence[str]
) -> list[ShotPlan]:
    """Return the merged shots of one page."""
    scripted, had, has = _shots_by_id(new), _shots_by_id(old), _shots_by_id(edited)
    if not changed:
        return list(new)
    if list(has) == list(had):
        if list(scripted) != list(had) and any(scripted.get(name) != had[name] for name in changed):
            return list(edited)
        return [has[shot.id] if shot.id in changed else shot for shot in new]
    if list(scripted) == list(had):
        return [shot if shot.id in changed else scripted.get(shot.id, shot) for shot in edited]
    return list(edited)


def _changed_by_people(old: Sequence[ShotPlan], edited: Sequence[ShotPlan], changed_ids: frozenset[str]) -> list[str]:
    """Return the shots of a page that people changed, added, dropped or moved."""
    had, has = _shots_by_id(old), _shots_by_id(edited)
    found = [name for name in has if name in changed_ids and has[name] != had.get(name)]
    found += [name for name in has if name not in had and name not in found]
    found += [name for name in had if name not in has]
    moved = [name for name in had if name in has] != [name for name in has if name in had]
    return found or (list(has) if moved else [])


def _shots_by_id(shots: Sequence[ShotPlan]) -> dict[str, ShotPlan]:
    """Return shots by id in film order, without their positions, for comparison."""
    return {shot.id: shot.model_copy(update={"ordinal": 0}) for shot in shots}


def scripted_fixes(library: Library) -> list[dict[str, object]]:
    """Return the corrections in force that a script asked for, as data."""
    return [
        edit
        for correction in library.correction_ancestry()
        if correction.author == "script"
        for edit in correction.edits
    ]


def _apply_corrections(library: Library, loaded: LoadedScript, say: Say) -> bool:
    """Apply the corrections of a script that are not in force yet, and return whether there were any."""
    done = scripted_fixes(library)
    fresh = [edit for edit in loaded.edits() if isinstance(edit, Reading) and edit.model_dump(mode="json") not in done]
    if fresh:
        replan.correct_library(library, fresh, author="script", say=say)
    return bool(fresh)


def _resolve_edits(library: Library, loaded: LoadedScript) -> list[Placed]:
    """Return the storyboard edits of a script, with the takes and pictures that they name filled in.

    Raises:
        SettingsError: A take or picture does not exist.
    """
    found: list[Placed] = []
    for at, edit in loaded.lines():
        if not isinstance(edit, Reading):
            with loaded.locate_errors("edits", at):
                found += [(at, one) for one in resolve.resolve_edits(library, [edit])]
    return found


def _edits_data(edits: Sequence[Placed]) -> tuple[dict[str, object], ...]:
    return tuple(edit.model_dump(mode="json") for _, edit in edits)


def _report_notes(say: Say, notes: Sequence[str]) -> None:
    for note in notes:
        say(Progress("script", "note", note))


def _last_scripted(library: Library) -> Revision | None:
    """Return the newest revision in force that the edits of a script made."""
    scripted = [
        revision
        for revision in library.ancestry()
        if revision.author == "script" and revision.edits and not is_framing(revision)
    ]
    return scripted[-1] if scripted else None


def _shots_after_script(board: EditableStoryboard, scripted: Revision) -> tuple[ShotPlan, ...]:
    """Return the shots after those of a script's edits that are possible on this plan."""
    for data in scripted.edits:
        with contextlib.suppress(SettingsError):  # its shot may stand on a page that is not in the film any more
            board = apply_edit(board, grammar.edit_from_data(data))  # type: ignore[arg-type]
    return board.shots
