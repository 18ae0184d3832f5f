"""Undo and redo steps, over both the storyboard and the corrections of the reading; nothing is rendered.

A step is all that a person asked for at once. A plan that only carries edits over, or that was made for a correction,
belongs to the step before it.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from agents.corrections import replan
from agents.editing.revision_report import RevisionReport, planned_shots, report_revision
from agents.run_context import Progress
from storage.domain import VideoFormat
from storage.errors import ProjectError
from storage.library import Library, Where, open_for_work
from storage.records import Correction, Revision

Say = Callable[[Progress], None]
Step = Callable[[Library, Say], str]


def undo(where: Where, steps: int = 1, say: Say = lambda progress: None) -> RevisionReport:
    """Undo the last steps, whether edits of the storyboard or corrections of the reading.

    Raises:
        ProjectError: There are fewer steps; nothing is changed then.
    """
    return _take_steps(where, steps, (_undo_step, _redo_step), say)


def redo(where: Where, steps: int = 1, say: Say = lambda progress: None) -> RevisionReport:
    """Redo the steps that were undone last.

    Raises:
        ProjectError: There are fewer steps; nothing is changed then.
    """
    return _take_steps(where, steps, (_redo_step, _undo_step), say)


def move_to_revision(library: Library, number: int) -> None:
    """Make a revision the one in force, with the aspect ratio that it is framed for.

    Raises:
        ProjectError: There is no such revision.
    """
    revision = next((one for one in library.revisions() if one.number == number), None)
    library.move_head(number, format_mismatch(library, revision) if revision else None)


def format_mismatch(library: Library, revision: Revision) -> VideoFormat | None:
    """Return the video format of a revision if its aspect ratio differs from the project's, else None."""
    settings = library.settings()
    if revision.screen is None or settings is None:
        return None
    return None if settings.screen.has_aspect(revision.screen.aspect) else revision.screen


def _take_steps(where: Where, steps: int, ways: tuple[Step, Step], say: Say) -> RevisionReport:
    step, back = ways
    with open_for_work(where) as library:
        before, said = planned_shots(library), list[str]()
        for _ in range(steps):
            try:
                said.append(step(library, say))
            except ProjectError as none_left:
                for _ in said:
                    back(library, say)
                if not said:
                    raise
                count = f"only {len(said)} step{' is' if len(said) == 1 else 's are'} there to go"
                raise ProjectError(f"{count}, not {steps}; nothing was changed", none_left.hint) from none_left
        return report_revision(library, said, [], before)


def _undo_step(library: Library, say: Say) -> str:
    head, correction = library.head(), library.correction()
    step = _find_step(library, head)
    if correction and (step is None or _is_corrected_after(library, step, correction)):
        said = library.undo_correction().message
        if head is not None:
            replan.replan(library, say)
        return said
    if step is None or step.parent is None:
        raise ProjectError(
            "there is nothing to undo", "the film stands as it was first planned; retake films a shot again as it is"
        )
    move_to_revision(library, step.parent)
    return step.message


def _redo_step(library: Library, say: Say) -> str:
    head, correction = library.head(), library.correction()
    since = max((one.created for one in (head, correction) if one is not None), default=None)
    later = [one for one in library.revisions() if head and one.parent == head.number and _is_after(one.created, since)]
    fixes_later = [
        one
        for one in library.corrections()
        if one.parent == (correction.number if correction else None) and _is_after(one.created, since)
    ]
    revision, fix = later[-1] if later else None, fixes_later[-1] if fixes_later else None
    if fix and (revision is None or fix.created <= revision.created):
        library.redo_correction()
        following = [one for one in later if one.kind == "plan" and _is_after(one.created, fix.created)]
        if following:
            library.move_head(_find_rebased(library, following[0]).number)
        if head is not None:
            replan.replan(library, say)
        return fix.message
    if revision is None:
        raise ProjectError(
            "there is nothing to redo",
            "nothing newer was undone from here; all there was: main.py show revisions PROJECT",
        )
    move_to_revision(library, _find_rebased(library, revision).number)
    return revision.message


def _find_step(library: Library, head: Revision | None) -> Revision | None:
    """Return the revision that a person sees as the last step: a rebased plan belongs to the revision before it."""
    if head is not None and head.kind == "rebase":
        return next(one for one in library.revisions() if one.number == head.parent)
    return head


def _find_rebased(library: Library, revision: Revision) -> Revision:
    """Return the revision that rebases edits onto this one, or this one if there is none."""
    return next(
        (one for one in library.revisions() if one.parent == revision.number and one.kind == "rebase"), revision
    )


def _is_corrected_after(library: Library, step: Revision, correction: Correction) -> bool:
    """Return whether the reading was corrected after a step; a plan made for a correction counts as part of it."""
    if correction.created > step.created:
        return True
    parent = next((one for one in library.revisions() if one.number == step.parent), None)
    return step.kind == "plan" and parent is not None and correction.created > parent.created


def _is_after(moment: datetime, since: datetime | None) -> bool:
    return since is None or moment >= since
