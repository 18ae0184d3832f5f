"""Read the edits that made a storyboard out of the log of revisions, each with the storyboard before and after it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from pydantic import ValidationError

from agents.corrections import CastCorrection, PageCorrection
from agents.editing import Plan, grammar
from agents.editing.apply import apply_edit
from agents.editing.plan_inputs import PlanHistory
from agents.editing.replay import LoggedEdit, Patch
from agents.editing.storyboard import EditableStoryboard
from storage.domain import ShotPlan, VideoFormat
from storage.errors import SettingsError
from storage.records import LostEdit, Revision
from tools.reading.matching import ReadingMatch

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library


def line_of(revisions: Sequence[Revision], number: int | None) -> list[Revision]:
    """Return a revision and all its ancestors, oldest first."""
    by_number, line = {revision.number: revision for revision in revisions}, list[Revision]()
    while (found := by_number.get(number or 0)) is not None:
        line.append(found)
        number = found.parent
    return line[::-1]


def read_steps(library: Library, last: Revision, history: PlanHistory) -> list[LoggedEdit | Patch]:
    """Return all changes that made the shots of a revision out of its director's plans, oldest first.

    Also changes from before an earlier rebase are among them, so that an edit that was lost then can come back. A
    rebase of edits that are among them is left out. Of older versions, whose plans have no recorded inputs, the sum of
    the changes is one patch.

    Args:
        library: The project's library.
        last: The revision.
        history: The earlier plans, matched with the present reading.
    """
    steps: list[LoggedEdit | Patch] = []
    included = set[int]()
    board: EditableStoryboard | None = None
    plan: Revision | None = None
    for revision in line_of(library.revisions(), last.number):
        if revision.kind == "plan":
            plan = revision if history.inputs_of(revision) else None
        inputs = history.inputs_of(plan) if plan else None
        if plan is None or inputs is None:
            continue
        shots = library.shots(revision.number)
        if revision.kind == "plan" or board is None:
            board = EditableStoryboard(shots, inputs.transcript, revision.screen or VideoFormat())
        elif revision.kind == "rebase" and revision.origin in included:
            board = _board_after(board, shots, revision)
        else:
            if revision.kind != "rebase" and revision.parent == plan.number:
                steps.clear()  # a changed script begins again at the plan itself, without what was changed before
            after = _board_after(board, shots, revision)
            steps += _steps_of(revision, board, after, history.match_of(plan))
            board = after
        included.add(revision.number)
    return steps


def losses_without_reading(library: Library, last: Revision) -> list[LostEdit]:
    """Return all edits since the director's plan as lost, where it is not known what that plan was made from."""
    lost: list[LostEdit] = []
    for revision in reversed(line_of(library.revisions(), last.number)):
        if revision.kind == "plan":
            break
        lost += [
            LostEdit(edit=data, shots=(), cause="panel_gone", revision=revision.number, position=position)
            for position, data in enumerate(revision.edits)
        ]
    return lost


def _steps_of(
    revision: Revision, before: EditableStoryboard, after: EditableStoryboard, match: ReadingMatch
) -> Iterator[LoggedEdit | Patch]:
    """Yield the edits of a revision, or all of them as one patch where they are not known or make something else."""
    boards, edits = [before], list[Plan]()
    try:
        for data in revision.edits:
            edit = grammar.edit_from_data(data)
            assert not isinstance(edit, (PageCorrection, CastCorrection)), "corrections make no revision"
            edits.append(edit)
            boards.append(apply_edit(boards[-1], edit) if len(edits) < len(revision.edits) else after)
    except (SettingsError, ValidationError):
        edits = []
    if edits:
        for position, (edit, was, now) in enumerate(zip(edits, boards, boards[1:], strict=False)):
            yield LoggedEdit(edit, revision.number, position, was, now, match)
    else:
        yield Patch(revision.number, before, after, match)


def _board_after(before: EditableStoryboard, shots: tuple[ShotPlan, ...], revision: Revision) -> EditableStoryboard:
    return replace(before.in_order(shots), shots=shots, screen=revision.screen or before.screen, notes=())
