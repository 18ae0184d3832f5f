"""Undo and redo steps, over both the storyboard and the corrections of the reading; nothing is rendered.

The edits that a person asked for at once are one step. A plan that was made for corrections, for changed pages or for
other settings is one step with the edits that were carried over to it, so that corrections and edits that were asked
for at once are two steps. Undo brings back everything that the plan before was made from: the pages, the corrections,
the transcript and the settings that shape a plan.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from agents.corrections import replan
from agents.editing.plan_inputs import correction_of_plan, move_to_revision, record_missing_inputs
from agents.editing.revision_report import RevisionReport, planned_shots, report_revision
from agents.run_context import Progress
from storage.errors import ProjectError
from storage.library import Library, Where, open_for_work
from storage.records import Revision, root_plan

Say = Callable[[Progress], None]
Step = Callable[[Library, Say], str]
_PAGES_NOTE = "the pages of the book are those of that time; animate with the book plans for its pages of now"


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


def _take_steps(where: Where, steps: int, ways: tuple[Step, Step], say: Say) -> RevisionReport:
    step, back = ways
    with open_for_work(where) as library:
        before, said, pages = planned_shots(library), list[str](), library.pages()
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
        notes = [] if library.pages() == pages else [_PAGES_NOTE]
        return report_revision(library, said, notes, before)


def _undo_step(library: Library, say: Say) -> str:
    """Undo one step, and return what it was, in words."""
    record_missing_inputs(library)
    head, correction = library.head(), library.correction()
    step = _find_step(library, head)
    if step is None or head is None:
        return library.undo_correction().message
    root = root_plan(library.revisions(), head.number)
    if correction and root and correction.number != correction_of_plan(library, root):
        said = library.undo_correction().message  # it was stopped before anything was planned for it
        replan.replan(library, say)
        return said
    if step.parent is None:
        raise ProjectError(
            "there is nothing to undo", "the film stands as it was first planned; retake films a shot again as it is"
        )
    said = _describe_step(library, step)
    _move(library, step.parent, say)
    return said


def _redo_step(library: Library, say: Say) -> str:
    """Do the step again that was undone last, and return what it is, in words."""
    head, correction = library.head(), library.correction()
    since = max((state.created for state in (head, correction) if state is not None), default=None)
    later = [
        revision
        for revision in library.revisions()
        if head and revision.parent == head.number and _is_after(revision.created, since)
    ]
    fixes = [
        fix
        for fix in library.corrections()
        if fix.parent == (correction.number if correction else None) and _is_after(fix.created, since)
    ]
    if later:
        _move(library, _find_rebased(library, later[-1]).number, say)
        return _describe_step(library, later[-1])
    if fixes:
        library.redo_correction()
        if head is not None:
            replan.replan(library, say)
        return fixes[-1].message
    raise ProjectError(
        "there is nothing to redo",
        "nothing newer was undone from here; all there was: main.py show revisions PROJECT",
    )


def _move(library: Library, number: int, say: Say) -> None:
    """Move to a revision; where an older version did not record its transcript, that is made again."""
    if not move_to_revision(library, number):
        replan.replan(library, say)


def _describe_step(library: Library, step: Revision) -> str:
    """Return what a person did in a step, in words: for a plan, the corrections or the pages that it was made for."""
    before = root_plan(library.revisions(), step.parent)
    if step.kind != "plan" or before is None:
        return step.message
    known = {fix.number: fix for fix in library.corrections()}
    number, number_before = correction_of_plan(library, step), correction_of_plan(library, before)
    fixes: list[str] = []
    while number is not None and number != number_before:
        if known[number].kind != "rebase":  # carried over to a retouched page, which nobody asked for by itself
            fixes.insert(0, known[number].message)
        number = known[number].parent
    then, now = library.plan_inputs(before.number), library.plan_inputs(step.number)
    changed_pages = [f"{step.message}, for changed pages"] if then and now and then.pages != now.pages else []
    return "; ".join(fixes or changed_pages or [step.message])


def _find_step(library: Library, head: Revision | None) -> Revision | None:
    """Return the revision that a person sees as the last step: a rebased plan belongs to the revision before it."""
    if head is not None and head.kind == "rebase":
        return next(revision for revision in library.revisions() if revision.number == head.parent)
    return head


def _find_rebased(library: Library, revision: Revision) -> Revision:
    """Return the revision that rebases edits onto this one, or this one if there is none."""
    return next(
        (rebased for rebased in library.revisions() if rebased.parent == revision.number and rebased.kind == "rebase"),
        revision,
    )


def _is_after(moment: datetime, since: datetime | None) -> bool:
    return since is None or moment >= since
