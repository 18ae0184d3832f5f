"""Keep what the conversation waits for: a confirmation, or a choice between proposals, until the next answer."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from storage.library import Library

CONFIRMATION = "pending"
"""Role of a stored message with edits of a model that wait for a confirmation."""
CHOICES = "proposals"
"""Role of a stored message with proposals to choose from."""


@dataclass(frozen=True)
class OpenQuestion:
    """What the person was asked last.

    Attributes:
        confirmation: Lines that wait for a yes or a no.
        proposals: Lines to choose from by their number.
        shots: The shots that a question for a place is about, as a selector; "" for other questions.
    """

    confirmation: tuple[str, ...] = ()
    proposals: tuple[str, ...] = ()
    shots: str = ""

    def __bool__(self) -> bool:
        return bool(self.confirmation or self.proposals)


def open_question(library: Library) -> OpenQuestion:
    """Return the question that still waits for an answer.

    An answer that failed leaves it open. A newer storyboard or correction closes it: its lines name the shots and
    panels of the one that it was asked about.
    """
    messages = library.messages()
    asked = [place for place, message in enumerate(messages) if message.role in (CONFIRMATION, CHOICES)]
    if not asked or sum(message.role == "assistant" for message in messages[asked[-1] :]) > 1:
        return OpenQuestion()
    question = messages[asked[-1]]
    if is_changed_since(library, question.created):
        return OpenQuestion()
    if question.role == CONFIRMATION:
        return OpenQuestion(confirmation=tuple(question.text.splitlines()))
    stored = json.loads(question.text)
    return OpenQuestion(proposals=tuple(stored["lines"]), shots=str(stored.get("shots", "")))


def is_changed_since(library: Library, moment: datetime) -> bool:
    """Return whether the storyboard or the correction in force was made after a moment."""
    return any(state is not None and state.created > moment for state in (library.head(), library.correction()))


def keep_confirmation(library: Library, lines: Sequence[str]) -> None:
    """Store lines that wait for a confirmation."""
    library.add_message(CONFIRMATION, "\n".join(lines))


def keep_proposals(library: Library, lines: Sequence[str], shots: str = "") -> None:
    """Store proposals to choose from, and the shots if a place in them was asked for."""
    library.add_message(CHOICES, json.dumps({"lines": list(lines), "shots": shots}, ensure_ascii=False))
