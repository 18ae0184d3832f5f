"""Repeat the last change of a film, or take back what the last message changed."""

from __future__ import annotations

from collections.abc import Sequence

from agents.conversation.actions import STEPS, Actions, step_count
from agents.editing import grammar
from agents.language import parser
from storage.errors import SettingsError
from storage.library import Library
from storage.records import Message


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
    """Return the step that undoes what the last message of a person changed; no actions if it changed nothing."""
    asked = next((message for message in reversed(earlier) if message.role == "user"), None)
    head, correction = library.head(), library.correction()
    if asked is None or _steps_asked_for(asked.text):
        return Actions()
    made = [one.created for one in (head, correction) if one is not None and one.author == "chat"]
    return Actions(-1) if any(created >= asked.created for created in made) else Actions()


def _is_again(message: Message) -> bool:
    return any(meaning[0].do == "again" for meaning in parser.parse_sentence(message.text).meanings)


def _steps_asked_for(text: str) -> int:
    meanings = parser.parse_sentence(text).meanings
    clauses = [clause for meaning in meanings for clause in meaning]
    return step_count(clauses[0]) if len(clauses) == 1 and clauses[0].do in STEPS else 0
