"""Apply edits to a project as one new revision, and report which shots must be filmed again; nothing is filmed here.

People, scripts, language models and commands all edit through this module.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import get_args

from agents import preflight
from agents.corrections import AddBalloon, DeleteBalloon, MoveBalloon, SetKind, replan
from agents.corrections import grammar as fixes
from agents.corrections.panels import PanelCorrection
from agents.editing import Plan, Reading, SetAspect, grammar, selectors, warnings
from agents.editing.apply import apply_edits
from agents.editing.plan_inputs import format_mismatch, move_to_revision
from agents.editing.resolve import resolve_edits
from agents.editing.revision_report import RevisionReport, planned_shots, report_revision
from agents.editing.shot_status import editable_storyboard, read_only_context
from agents.estimates import quote
from agents.estimates.quote import Quote
from agents.run_context import Progress
from agents.stages import storyboard
from storage.domain import Transcript
from storage.errors import SettingsError
from storage.library import Library, Where, open_for_work
from storage.records import Author, Correction, Revision, RevisionKind
from storage.settings import Settings

Say = Callable[[Progress], None]
_VISIBLE_CORRECTIONS = (*get_args(PanelCorrection), AddBalloon, DeleteBalloon, MoveBalloon, SetKind)
"""Corrections of the reading that change the picture."""


def revise(
    where: Where,
    edits: Sequence[Plan | Reading],
    *,
    author: Author = "hand",
    message: str = "",
    say: Say = lambda progress: None,
) -> RevisionReport:
    """Apply edits to a project as one revision, and each correction of the reading as one correction; all or none.

    Nothing is filmed. The storyboard is replanned if a correction changes what was read.

    Args:
        where: The project's folder, or its open library.
        edits: Edits of the storyboard and corrections of the reading, in the order in which they are applied.
        author: Who asks for the edits.
        message: The author's own words; by default the edits as lines of the grammar.
        say: Called with the progress of replanning.

    Returns:
        The report: what was done, notes about side effects, the shots that must be filmed again, and what that costs.

    Raises:
        SettingsError: An edit is not possible.
        BudgetError: Replanning, or lines that a paid voice says again, might cost more than the project's budget.
        PriceUnknown: What a voice costs that says lines again is not known, and the project's budget is bounded.
        ProjectError: The project has no storyboard.
        ProjectLocked: Another process works on the project.
    """
    readings = [edit for edit in edits if isinstance(edit, Reading)]
    with open_for_work(where) as library:
        before, head = planned_shots(library), library.head()
        if head is not None and format_mismatch(library, head):
            move_to_revision(library, head.number)  # a run in another aspect ratio was stopped before it planned
        if readings:
            replan.update_reading(library, say)
        _refuse_locked(library, readings)
        cost, correction = _planning_quote(library, readings), library.correction()
        if not cost.is_empty:
            quote.refuse_over_budget(library, library.settings() or Settings(), cost)
            say(Progress("storyboard", "note", f"what was read differently is planned anew: {cost.summary()}"))
        try:
            said = replan.correct_library(library, readings, author=author, say=say) if readings else []
            notes, done = _add_revision(library, _storyboard_edits(edits), author=author, message=message)
        except BaseException:
            _restore_state(library, head, correction)
            raise
        return report_revision(library, [*said, *done], notes, before)


def preview_edits(library: Library, edits: Sequence[Plan | Reading]) -> RevisionReport:
    """Report what edits would change and which shots would become stale, without changing anything.

    Args:
        library: The open library of the project.
        edits: Edits of the storyboard and corrections of the reading.

    Returns:
        The same report as `revise`. Shots that a correction would have replanned are not counted; a note says so.

    Raises:
        SettingsError: An edit is not possible.
        ProjectError: The project has no storyboard.
    """
    plans, board = _storyboard_edits(edits), editable_storyboard(library)
    after = apply_edits(board, resolve_edits(library, plans))
    preflight.refuse_changes(library.settings(), board, after)
    cost = _planning_quote(library, [edit for edit in edits if isinstance(edit, Reading)])
    notes = [*after.notes, *warnings.ineffective_edit_notes(library, plans, after)]
    if len(plans) < len(edits):
        notes.append("the pages it corrects are planned anew")
    return report_revision(
        library, [grammar.format_edit(edit) for edit in edits], notes, planned_shots(library), after, cost
    )


def _planning_quote(library: Library, readings: Sequence[Reading]) -> Quote:
    """Return the cost of replanning what the corrections change, and of the lines that a paid voice says again.

    Raises:
        SettingsError: A correction is not possible.
    """
    transcript = library.transcript()
    if transcript is None or library.head() is None or not readings:
        return Quote()
    settings, corrected = library.settings() or Settings(), _corrected_transcript(library, transcript, readings)
    return quote.quote_planning(settings, transcript, corrected) + quote.quote_voice(
        settings, library, transcript, corrected
    )


def _corrected_transcript(library: Library, transcript: Transcript, readings: Sequence[Reading]) -> Transcript:
    return reduce(lambda there, one: replan.apply_with_proposals(library, there, one), readings, transcript)


def _storyboard_edits(edits: Sequence[Plan | Reading]) -> list[Plan]:
    return [edit for edit in edits if not isinstance(edit, Reading)]


def _add_revision(
    library: Library, plans: Sequence[Plan], *, author: Author, message: str
) -> tuple[list[str], list[str]]:
    if not plans:
        return [], []
    board, edits = editable_storyboard(library), resolve_edits(library, plans)
    after = apply_edits(board, edits)
    preflight.refuse_changes(library.settings(), board, after)
    done = [grammar.format_edit(edit) for edit in plans]
    if after.shots == board.shots and after.screen == board.screen:
        return list(after.notes), [f"{one}: that is so already" for one in done]
    kind: RevisionKind = "edit"
    key, screen = "", None
    if any(isinstance(edit, SetAspect) for edit in plans):
        kind, key, screen = "aspect", storyboard.key_of(read_only_context(library), after.screen), after.screen
    log = [edit.model_dump(mode="json") for edit in edits]
    said = message or "; ".join(done)
    library.add_revision(after.shots, kind=kind, key=key, author=author, message=said, edits=log, screen=screen)
    return [*after.notes, *warnings.ineffective_edit_notes(library, plans, after)], done


def _refuse_locked(library: Library, readings: Sequence[Reading]) -> None:
    """Refuse corrections that change the picture of a page with a locked shot."""
    locked = [shot for shot in library.shots() if shot.locked] if library.head() else []
    for edit in readings:
        page = getattr(edit, "page", 0)
        touched = [shot for shot in locked if shot.page + 1 == page]
        if touched and isinstance(edit, _VISIBLE_CORRECTIONS):
            raise SettingsError(
                f"{fixes.format_correction(edit)}: {selectors.describe_shots(touched)} of that page would change, "
                "and is locked",
                f"say first: {selectors.describe_shots(touched[:1])} unlock",
            )


def _restore_state(library: Library, head: Revision | None, correction: Correction | None) -> None:
    """Restore the project's state after one of several edits failed."""
    if library.correction() != correction:
        library.move_correction(correction.number if correction else None)
    moved = head is not None and (now_head := library.head()) is not None and now_head.number != head.number
    if moved and head is not None:
        move_to_revision(library, head.number)
        replan.replan(library, lambda progress: None)
