"""What a sentence asks for, as clauses with fields of text."""

from __future__ import annotations

from dataclasses import dataclass

CONTEXTUAL = "@"
"""Beginning of selectors that only a conversation can resolve, such as "it" and "the last shot"."""
IT, NTH = "@it", "@nth "
"""Selectors that only the conversation can resolve: what was spoken of, and a shot by its place in the film."""


@dataclass(frozen=True)
class Clause:
    """One thing that a sentence asks for.

    Attributes:
        do: The `do` of an edit or a correction; or "undo", "redo", "ask ...", "yes", "never mind", "again", "choose".
        fields: Its fields as text, as the readers of agents/editing/grammar.py take them.
    """

    do: str
    fields: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, do: str, **fields: str) -> Clause:
        """Return a clause with the given fields."""
        return cls(do, tuple(fields.items()))

    def get(self, name: str) -> str:
        """Return a field, "" if the clause does not have it."""
        return dict(self.fields).get(name, "")

    def with_field(self, name: str, value: str) -> Clause:
        """Return a copy with another value of a field."""
        return Clause(self.do, tuple({**dict(self.fields), name: value}.items()))


Meaning = tuple[Clause, ...]
"""All that one reading of a sentence asks for, in order."""
