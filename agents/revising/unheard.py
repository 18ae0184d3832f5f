"""Edits in, a note out where they ask for what only a model that draws would hear, and none draws there."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from agents.edits import Plan, SetGenerated, SetInk, SetPrompt, SetReferences, SetSeed, which
from agents.edits.board import Board
from agents.revising.board import onlooker
from agents.rungs import generates
from agents.shots import in_force
from storage.errors import SettingsError
from storage.library import Library

_DRAWN = (SetPrompt, SetSeed, SetGenerated, SetInk, SetReferences)


def notes(library: Library, edits: Sequence[Plan], after: Board) -> list[str]:
    """At most one: which shots will look as they did, and what would change that."""
    asked: set[str] = set()
    for edit in edits:
        if isinstance(edit, _DRAWN):
            with contextlib.suppress(SettingsError):  # left out since, by another edit
                asked |= {shot.id for shot in after.find(edit.which)}
    if not asked:
        return []
    shop = onlooker(library)
    shots = in_force(shop, {}, [shot for shot in after.shots if shot.id in asked])
    still = [shot.id for shot in shots if not generates(shop, shot.backends)]
    if not still:
        return []
    return [f"no model draws in {which.in_words(still)}: it is kept for one that does (see: main.py doctor)"]
