"""Keep what the conversation waits for: a confirmation, or a choice between proposals, until the next answer."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from pydantic import JsonValue

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

    An answer that failed leaves it open. It is closed while another storyboard or correction is in force than when it
    was asked, because its lines name the shots and panels of these.
    """
    messages = library.messages()
    asked = [place for place, message in enumerate(messages) if message.role in (CONFIRMATION, CHOICES)]
    if not asked or sum(message.role == "assistant" for message in messages[asked[-1] :]) > 1:
        return OpenQuestion()
    question = messages[asked[-1]]
    try:
        stored = json.loads(question.text)
    except ValueError:  # a confirmation of an older version, which does not say what it was asked about
        return OpenQuestion()
    if stored.get("state") != _state(library):
        return OpenQuestion()
    lines = tuple(stored["lines"])
    if question.role == CONFIRMATION:
        return OpenQuestion(confirmation=lines)
    return OpenQuestion(proposals=lines, shots=stored["shots"])


def keep_confirmation(library: Library, lines: Sequence[str]) -> None:
    """Store lines that wait for a confirmation."""
    _keep(library, CONFIRMATION, {"lines": list(lines)})


def keep_proposals(library: Library, lines: Sequence[str], shots: str = "") -> None:
    """Store proposals to choose from, and the shots if a place in them was asked for."""
    _keep(library, CHOICES, {"lines": list(lines), "shots": shots})


def _keep(library: Library, role: str, question: Mapping[str, JsonValue]) -> None:
    library.add_message(role, json.dumps({**question, "state": _state(library)}, ensure_ascii=False))


def _state(library: Library) -> list[int | None]:
    """Return the numbers of the storyboard's revision and of the correction in force."""
    return [state.number if state else None for state in (library.head(), library.correction())]
