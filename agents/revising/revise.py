"""A project and edits in; a new revision, what was bent for it, and which shots are stale by it out. Films nothing.

Whoever edits comes through here: a person, a script, a model, a command.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import reduce
from typing import get_args

from agents import permits
from agents.costs import bill
from agents.costs.bill import Bill
from agents.edits import Plan, Reading, SetAspect, which, words
from agents.edits.applied import all_applied
from agents.fixes import AddBalloon, DeleteBalloon, MoveBalloon, SetKind
from agents.fixes import words as fixes
from agents.fixes.panels import PanelFix
from agents.revising import mend, unheard
from agents.revising.board import board_of, onlooker
from agents.revising.outcome import Outcome, measured, planned
from agents.revising.resolve import resolved
from agents.revising.steps import misfit, stand_at
from agents.stages import storyboard
from agents.workshop import Progress
from storage.errors import SettingsError
from storage.library import Library, Where, at_work
from storage.records import Author, Correction, Revision, RevisionKind
from storage.settings import Settings
from storage.shapes import Transcript

Say = Callable[[Progress], None]
_PICTURED = (*get_args(PanelFix), AddBalloon, DeleteBalloon, MoveBalloon, SetKind)
"""Fixes of the reading that change what is seen."""


def revise(
    where: Where,
    wanted: Sequence[Plan | Reading],
    *,
    author: Author = "hand",
    message: str = "",
    say: Say = lambda progress: None,
) -> Outcome:
    """Do edits, all or none, as one revision (and one correction for each fix of the reading).

    Raises SettingsError for an edit that cannot be done, ProjectError where nothing is planned, ProjectLocked.
    """
    readings = [edit for edit in wanted if isinstance(edit, Reading)]
    with at_work(where) as library:
        before, head, correction = planned(library), library.head(), library.correction()
        if head is not None and misfit(library, head):
            stand_at(library, head.number)  # whoever wanted another aspect was stopped before it was planned
        _refuse_locked(library, readings)
        cost = _planning(library, readings)
        if cost.questions:
            bill.refuse_beyond(library, library.settings() or Settings(), cost)
            say(Progress("storyboard", "note", f"what was read differently is planned anew: {cost.words()}"))
        try:
            said = mend.mend(library, readings, author=author, say=say) if readings else []
            notes, done = _planned(library, _plans(wanted), author=author, message=message)
        except BaseException:
            _back_to(library, head, correction)
            raise
        return measured(library, [*said, *done], notes, before)


def forecast(library: Library, wanted: Sequence[Plan | Reading]) -> Outcome:
    """What edits of the plan would make stale; makes nothing. Raises SettingsError for an edit that cannot be done."""
    plans, board = _plans(wanted), board_of(library)
    after = all_applied(board, resolved(library, plans))
    permits.refuse_changes(library.settings(), board, after)
    cost = _planning(library, [edit for edit in wanted if isinstance(edit, Reading)])
    notes = [*after.notes, *unheard.notes(library, plans, after)]
    if len(plans) < len(wanted):
        notes.append("the pages it mends are planned anew")
    return measured(library, [words.written(edit) for edit in wanted], notes, planned(library), after, cost)


def _planning(library: Library, readings: Sequence[Reading]) -> Bill:
    """What it costs to plan anew what is read differently then. SettingsError for a fix that cannot be done."""
    transcript = library.transcript()
    if transcript is None or library.head() is None:
        return Bill()
    return bill.planning(library.settings() or Settings(), transcript, _mended(library, transcript, readings))


def _mended(library: Library, transcript: Transcript, readings: Sequence[Reading]) -> Transcript:
    return reduce(lambda there, one: mend.applied(library, there, one), readings, transcript)


def _plans(wanted: Sequence[Plan | Reading]) -> list[Plan]:
    return [edit for edit in wanted if not isinstance(edit, Reading)]


def _planned(library: Library, plans: Sequence[Plan], *, author: Author, message: str) -> tuple[list[str], list[str]]:
    if not plans:
        return [], []
    board, edits = board_of(library), resolved(library, plans)
    after = all_applied(board, edits)
    permits.refuse_changes(library.settings(), board, after)
    done = [words.written(edit) for edit in plans]
    if after.shots == board.shots and after.screen == board.screen:
        return list(after.notes), [f"{one}: that is so already" for one in done]
    kind: RevisionKind = "edit"
    key, screen = "", None
    if any(isinstance(edit, SetAspect) for edit in plans):
        kind, key, screen = "aspect", storyboard.key_of(onlooker(library), after.screen), after.screen
    log = [edit.model_dump(mode="json") for edit in edits]
    said = message or "; ".join(done)
    library.add_revision(after.shots, kind=kind, key=key, author=author, message=said, edits=log, screen=screen)
    return [*after.notes, *unheard.notes(library, plans, after)], done


def _refuse_locked(library: Library, readings: Sequence[Reading]) -> None:
    """What shows or hides something on a page with a locked shot would touch it."""
    locked = [shot for shot in library.shots() if shot.locked] if library.head() else []
    for edit in readings:
        page = getattr(edit, "page", 0)
        touched = [shot for shot in locked if shot.page + 1 == page]
        if touched and isinstance(edit, _PICTURED):
            raise SettingsError(
                f"{fixes.written(edit)}: {which.words(touched)} of that page would change, and is locked",
                f"say first: {which.words(touched[:1])} unlock",
            )


def _back_to(library: Library, head: Revision | None, correction: Correction | None) -> None:
    """Leave the project as it was: an edit of several could not be done."""
    while (now := library.correction()) is not None and now != correction:
        library.undo_correction()
    moved = head is not None and (now_head := library.head()) is not None and now_head.number != head.number
    if moved and head is not None:
        stand_at(library, head.number)
        mend.plan(library, lambda progress: None)
