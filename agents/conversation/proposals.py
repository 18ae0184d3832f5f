"""Propose the edits that are nearest to a message that is not understood; none of them is ever done unasked."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress

from agents.conversation.actions import Actions, parse_actions
from agents.conversation.understanding import MessageReading, UnknownPlaceError, read_meanings, selectors_of_it
from agents.editing import Reading, suggestions
from agents.editing.apply import apply_edits
from agents.editing.forms import FORMS
from agents.editing.storyboard import EditableStoryboard
from agents.language import parser
from agents.language.clauses import CONTEXTUAL
from agents.language.parser import Sentence
from agents.language.tokens import UNKNOWN
from storage.errors import SettingsError

MAX_PROPOSALS = 2
"""Most edits that are proposed for a message that is not understood."""
MAX_ALTERNATIVES = 4
"""Most readings of an ambiguous message that are proposed."""
_PLACES = ("upper left", "upper right", "center", "lower left", "lower right")
_USUAL_CHANGES = ("slower", "faster")
"""What is proposed for shots of which nothing else is understood."""
_COURTESIES = frozenset(("QMARK", "IS", "COULD"))


def nearest_edits(reading: MessageReading, board: EditableStoryboard, last_shot: str) -> list[str]:
    """Return the lines of the edits nearest to a message; only edits that this film allows.

    Args:
        reading: The message, which is not understood.
        board: The storyboard.
        last_shot: Id of the shot that was spoken of last; "" if there is none.
    """
    found: list[str] = []
    for sentence in reading.sentences[:1]:
        for line in _candidates(sentence, board, last_shot):
            if line not in found and is_possible(line, board):
                found.append(line)
            if len(found) == MAX_PROPOSALS:
                return found
    return found


def readings_as_lines(readings: Sequence[Actions], board: EditableStoryboard) -> list[str]:
    """Return the readings of an ambiguous message as lines; only those that this film allows."""
    lines = ["; ".join(actions.lines) for actions in readings]
    return [line for line in lines if is_possible(line, board)][:MAX_ALTERNATIVES]


def places_in(shots: str, board: EditableStoryboard) -> list[str]:
    """Return lines that look at the parts of some shots."""
    lines = [f"{shots} on {place}" for place in _PLACES]
    return [line for line in lines if is_possible(line, board)]


def is_possible(line: str, board: EditableStoryboard) -> bool:
    """Return whether a line is understood and allowed by the storyboard."""
    try:
        actions = parse_actions([line])
        plans = [edit for edit in actions.edits if not isinstance(edit, Reading)]
        apply_edits(board, plans)
    except SettingsError:
        return False
    return bool(actions)


def _candidates(sentence: Sentence, board: EditableStoryboard, last_shot: str) -> Iterator[str]:
    """Yield the lines nearest to a sentence, the nearest first."""
    shots, rest = parser.find_shots(sentence.text, sentence.tokens)
    if parser.is_denied(sentence.text):
        yield from (f"{which} lock" for which in shots if not which.startswith(CONTEXTUAL))
        return
    tokens = [token for token in sentence.tokens if token.kind not in UNKNOWN | _COURTESIES]
    with suppress(SettingsError, UnknownPlaceError):
        meanings = parser.parse_tokens(sentence.text, tokens)
        for actions in read_meanings(sentence.text, meanings, board, selectors_of_it(board, last_shot)):
            yield "; ".join(actions.lines)
    if not shots and not any(token.kind not in UNKNOWN for token in rest):
        return
    yield from (line for line in suggested_lines(sentence.text) if shots or line.startswith(("film", "undo", "redo")))
    yield from (f"{which} {change}" for which in shots for change in _USUAL_CHANGES)


def suggested_lines(line: str) -> list[str]:
    """Return the lines of the grammar that are spelt most like a line."""
    return suggestions.similar_lines(line, [(form.example, form.about) for form in FORMS])
