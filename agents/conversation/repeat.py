"""Repeat the last change of a film, or take back what the last message changed."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from agents.conversation.actions import STEPS, Actions, step_count
from agents.editing import grammar
from agents.editing.plan_inputs import correction_of_plan
from agents.language import parser
from storage.errors import SettingsError
from storage.library import Library
from storage.records import Message
from storage.storyboards import root_plan


def last_actions(library: Library, earlier: Sequence[Message]) -> Actions:
    """Return what "again" repeats: the step that was asked for last, or the last edits of the storyboard.

    Args:
        library: The open library of the project.
        earlier: The messages before this one.

    Raises:
        SettingsError: Nothing was changed yet, or the last change was a correction of the reading.
    """
    asked = next((message for message in reversed(earlier) if message.role == "user" and not _is_again(message)), None)
    if asked and (steps := _steps_asked_for(asked.text)):
        return Actions(steps)
    head, correction = library.head(), library.correction()
    if correction and (head is None or correction.created > head.created):
        raise SettingsError("the last change corrected the reading, and is not repeated", "say the line of the fix")
    if head is None or not head.edits:
        raise SettingsError("nothing was changed yet that could be repeated", "say what to change: shot 7 slower")
    return Actions(edits=tuple(grammar.edit_from_data(edit) for edit in head.edits))


def undo_of_last_message(library: Library, earlier: Sequence[Message]) -> Actions:
    """Return the steps that undo what the last message of a person changed.

    Only what was changed between the message and its answer is undone; nothing if anything was changed since then.
    """
    place = max((place for place, message in enumerate(earlier) if message.role == "user"), default=len(earlier))
    asked = next(iter(earlier[place:]), None)
    answer = next((message for message in earlier[place:] if message.role == "assistant"), None)
    if asked is None or answer is None or _steps_asked_for(asked.text):
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


def _steps_asked_for(text: str) -> int:
    meanings = parser.parse_sentence(text).meanings
    clauses = [clause for meaning in meanings for clause in meaning]
    return step_count(clauses[0]) if len(clauses) == 1 and clauses[0].do in STEPS else 0
