"""A project in, the names of the shots that a person has changed out: nobody else changes these."""

from __future__ import annotations

from agents.revising import carry
from storage.library import Library
from storage.records import Revision

PEOPLE = ("hand", "chat", "script")
FILM_WIDE = ("style", "aspect")
"""Edits that speak of the whole film, and make no shot a person's own."""


def owned(library: Library) -> frozenset[str]:
    """Shots that a person has changed in the state in force, by name.

    A name stays a person's even where its page was planned anew since: better asked once too often.
    """
    found: set[str] = set()
    for one in library.line():
        if one.author in PEOPLE and one.parent is not None and not _film_wide(one) and one.key != carry.KEY:
            before = {shot.id: shot.model_copy(update={"ordinal": 0}) for shot in library.shots(one.parent)}
            after = {shot.id: shot.model_copy(update={"ordinal": 0}) for shot in library.shots(one.number)}
            found |= {name for name, shot in after.items() if before.get(name) != shot}
    return frozenset(found)


def _film_wide(one: Revision) -> bool:
    return bool(one.edits) and all(edit.get("do") in FILM_WIDE for edit in one.edits)
