"""Repeat the last change of a film, or take back what the last message changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agents.conversation.actions import Actions, steps_asked_for
from agents.editing import grammar
from agents.editing.plan_inputs import correction_of_plan
from agents.language import parser
from storage.errors import SettingsError
from storage.library import Library
from storage.records import Author, Message, Revision, RevisionKind, root_plan

_EDITED: tuple[RevisionKind, ...] = ("edit", "aspect")
_NOT_PEOPLE: tuple[Author, ...] = ("director", "critic")


def last_actions(library: Library, earlier: Sequence[Message]) -> Actions:
    """Return what "again" repeats: the step that was asked for last, or a person's last edits of the storyboard.

    Args:
        library: The open library of the project.
        earlier: The messages before this one.

    Raises:
        SettingsError: Nothing was changed yet, the last change was a correction of the reading, or the shots were
            planned anew since then.
    """
    asked = next((message for message in reversed(earlier) if message.role == "user" and not _is_again(message)), None)
    if asked and (steps := steps_asked_for(asked.text)):
        return Actions(steps)
    edit = _last_edit(library)
    fixes = [fix for fix in library.correction_ancestry() if fix.kind != "rebase"]
    if fixes and (edit is None or fixes[-1].created > edit.created):
        raise SettingsError("the last change corrected the reading, and is not repeated", "say the line of the fix")
    if edit is None:
        raise SettingsError("nothing was changed yet that could be repeated", "say what to change: shot 7 slower")
    edits = tuple(grammar.edit_from_data(data) for data in edit.edits)
    if not _is_of_present_plan(library, edit):
        raise SettingsError(
            "the shots were planned anew since the last change, which is not repeated",
            f"say it again: {'; '.join(map(grammar.format_edit, edits))}",
        )
    return Actions(edits=edits)


def _last_edit(library: Library) -> Revision | None:
    """Return the newest revision in force in which a person edited the storyboard; a rebase stands for its origin."""
    known, revision = {one.number: one for one in library.revisions()}, library.head()
    while revision is not None and not _is_edit_by_person(revision):
        before = (revision.origin if revision.kind == "rebase" else None) or revision.parent
        revision = known.get(before or 0)
    return revision


def _is_edit_by_person(revision: Revision) -> bool:
    return revision.kind in _EDITED and revision.author not in _NOT_PEOPLE and bool(revision.edits)


def _is_of_present_plan(library: Library, revision: Revision) -> bool:
    revisions, head = library.revisions(), library.head()
    return head is not None and root_plan(revisions, revision.number) == root_plan(revisions, head.number)


def undo_of_last_message(library: Library, earlier: Sequence[Message]) -> Actions:
    """Return the steps that undo what the last message of a person changed.

    Only what was changed between the message and its answer is undone; nothing if anything was changed since then.
    """
    place = max((place for place, message in enumerate(earlier) if message.role == "user"), default=len(earlier))
    asked = next(iter(earlier[place:]), None)
    answer = next((message for message in earlier[place:] if message.role == "assistant"), None)
    if asked is None or answer is None or steps_asked_for(asked.text):
        return Actions()
    states = library.head(), library.correction()
    if any(state is not None and state.created > answer.created for state in states):
        return Actions()
    return Actions(-_count_steps(library, asked.created))


def _count_steps(library: Library, since: datetime) -> int:
    """Return the number of steps since a moment that are in force, as `undo` counts them."""
    line = library.ancestry()
    revisions = [revision for revision in line if revision.created >= since and revision.kind != "rebase"]
    root = root_plan(line, line[-1].number) if line else None
    planned = (correction_of_plan(library, root) if root else None) or 0
    unplanned = [fix for fix in library.correction_ancestry() if fix.created >= since and fix.number > planned]
    return len(revisions) + len(unplanned)


def _is_again(message: Message) -> bool:
    return any(meaning[0].do == "again" for meaning in parser.parse_sentence(message.text).meanings)
