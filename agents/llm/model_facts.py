"""Remember what was found out about a model at a server: whether it sees pictures, and whether it reasons."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from agents.llm.servers import Server
from storage.domain import Made
from storage.keys import content_key

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

VERSION = 1


@dataclass(frozen=True)
class ModelFacts:
    """What was found out about a model at a server.

    Attributes:
        has_vision: Whether it sees pictures; None where that is not known.
        reason: Why it does not see pictures, in words; "" where it does.
        reasons: Whether it writes its thoughts before the answer, so that they count as tokens of the answer.
    """

    has_vision: bool | None = None
    reason: str = ""
    reasons: bool = False

    @property
    def is_text_only(self) -> bool:
        """Whether it is known to see no pictures."""
        return self.has_vision is False

    @property
    def answer_kinds(self) -> tuple[bool, ...]:
        """Whether kept answers count that were given without seeing the page: False for those by sight, then True.

        What a model answered without vision no longer counts once it is known to see.
        """
        return (False,) if self.has_vision else (False, True)


def recall_facts(library: Library | None, server: Server | None) -> ModelFacts:
    """Return what a project remembers of the model of a server; nothing where there is no server."""
    made = library.find_made(_key(server)) if library and server else None
    if made is None:
        return ModelFacts()
    seen = made.facts["has_vision"]
    return ModelFacts(None if seen is None else bool(seen), str(made.facts["reason"]), bool(made.facts["reasons"]))


def keep_facts(library: Library | None, server: Server, facts: ModelFacts) -> None:
    """Remember in a project what was found out about the model of a server, instead of what was known before."""
    if library is not None:
        known = Made(facts={"has_vision": facts.has_vision, "reason": facts.reason, "reasons": facts.reasons})
        library.add_made(_key(server), "chat", known)


def _key(server: Server) -> str:
    return content_key("model", server.model, VERSION, url=server.url)
