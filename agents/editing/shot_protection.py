"""Find the shots that people changed, which no automatic step may change."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import TYPE_CHECKING

from storage.domain import ShotPlan
from storage.records import Author, Revision

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

PEOPLE: tuple[Author, ...] = ("hand", "chat", "script")
FILM_WIDE_EDITS = ("style", "aspect")
"""Edits of the whole film, which protect no single shot."""


def protected_shots(library: Library, authors: Sequence[Author] = PEOPLE) -> frozenset[str]:
    """Return the ids of the shots that people changed in the state in force.

    A shot stays protected even if its page was replanned since then, because a needless question does less harm than a
    lost edit.

    Args:
        library: The open library of the project.
        authors: The authors of revisions that count as people.
    """

    @lru_cache(maxsize=2)  # each revision starts from the shots of the one before it
    def shots(number: int) -> dict[str, ShotPlan]:
        return {shot.id: shot.model_copy(update={"ordinal": 0}) for shot in library.shots(number)}

    found: set[str] = set()
    line = library.ancestry()
    known = {one.number for one in line}
    for one in line:
        if one.author in authors and one.parent is not None and not _is_film_wide(one) and not _is_repeated(one, known):
            before = shots(one.parent)
            found |= {name for name, shot in shots(one.number).items() if before.get(name) != shot}
    return frozenset(found)


def _is_repeated(one: Revision, known: set[int]) -> bool:
    """Return whether a revision only carries over edits that the state in force already has."""
    return one.kind == "rebase" and (one.origin is None or one.origin in known)


def _is_film_wide(one: Revision) -> bool:
    """Return whether all edits of a revision are about the whole film."""
    return bool(one.edits) and all(edit.get("do") in FILM_WIDE_EDITS for edit in one.edits)
