"""Warn about edits (prompt, seed, references) that have no effect because no generative model draws those shots."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from agents.editing import Plan, SetGenerated, SetInk, SetPrompt, SetReferences, SetSeed, selectors
from agents.editing.shot_status import read_only_context
from agents.editing.storyboard import EditableStoryboard
from agents.fallback_ladder import uses_models
from agents.shots import shots_to_film
from storage.errors import SettingsError
from storage.library import Library

_MODEL_EDITS = (SetPrompt, SetSeed, SetGenerated, SetInk, SetReferences)


def ineffective_edit_notes(library: Library, edits: Sequence[Plan], after: EditableStoryboard) -> list[str]:
    """Return at most one note: which shots will look the same despite the edits, and how to change that."""
    asked: set[str] = set()
    for edit in edits:
        if isinstance(edit, _MODEL_EDITS):
            with contextlib.suppress(SettingsError):  # dropped by a later edit
                asked |= {shot.id for shot in after.select(edit.which)}
    if not asked:
        return []
    context = read_only_context(library)
    shots = shots_to_film(context, {}, [shot for shot in after.shots if shot.id in asked])
    still = [shot.id for shot in shots if not uses_models(context, shot.backends)]
    if not still:
        return []
    return [f"no model draws in {selectors.describe_names(still)}: it is kept for one that does (see: main.py doctor)"]
