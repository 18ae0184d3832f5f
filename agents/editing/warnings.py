"""Warn about edits that change nothing in their shots: no model draws there, or no figure is known there."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence

from agents.editing import (
    AddEffect,
    FilmEdit,
    Plan,
    SetColor,
    SetGenerated,
    SetInk,
    SetPose,
    SetPrompt,
    SetRedraw,
    SetReferences,
    SetSeed,
    selectors,
)
from agents.editing.effects import GROUND
from agents.editing.mouth_edit import SetMouths
from agents.editing.shot_status import read_only_context
from agents.editing.sound_edits import SoundEdit
from agents.editing.storyboard import EditableStoryboard
from agents.fallback_ladder import uses_models
from agents.key_poses import animator_lack
from agents.shots import shots_to_film
from storage.errors import SettingsError
from storage.library import Library
from storage.settings import Backends
from tools import backends

_MODEL_EDITS = (SetPrompt, SetSeed, SetGenerated, SetInk, SetReferences)


def ineffective_edit_notes(library: Library, edits: Sequence[Plan], after: EditableStoryboard) -> list[str]:
    """Return which shots will look the same despite the edits, and how to change that; at most one note a reason."""
    return [
        *_undrawn_notes(library, edits, after),
        *_unedited_notes(library, edits),
        *_uncoloured_notes(library, edits),
        *_unposed_notes(library, edits, after),
        *_unknown_figure_notes(library, edits, after),
        *_unheard_notes(library, edits),
    ]


def _unheard_notes(library: Library, edits: Sequence[Plan]) -> list[str]:
    """Say that nothing is heard of edits of the sound where the film is silent."""
    settings = library.settings()
    if settings is None or settings.sound or not any(isinstance(edit, SoundEdit) for edit in edits):
        return []
    return ["the film is silent: what is to be heard is kept for a film with sound (animate SOURCE --sound)"]


def _unedited_notes(library: Library, edits: Sequence[Plan]) -> list[str]:
    """Say that nothing is redrawn where the film has no image editor, or nothing that finds what words name."""
    settings = library.settings()
    asks_for_faces = any(isinstance(edit, SetMouths) and edit.on for edit in edits)
    if not asks_for_faces and not any(isinstance(edit, SetRedraw | SetPose) and edit.prompt for edit in edits):
        return []
    if settings is not None and backends.is_generative("redraw", settings.backends.redraw):
        has_thing = any(isinstance(edit, SetRedraw) and edit.thing for edit in edits)
        is_findable = settings.backends.locate != Backends().locate
        if is_findable or not has_thing:
            return []
        return ["no model of this film finds what words name: say on box or on a place, or see [locate] of a profile"]
    return ["no model of this film redraws panels: it is kept for a profile with [redraw] (see: main.py doctor)"]


def _uncoloured_notes(library: Library, edits: Sequence[Plan]) -> list[str]:
    """Say that nothing is coloured where the film has no image editor for it."""
    settings = library.settings()
    if not any(isinstance(edit, SetColor) and edit.mode == "reference" for edit in edits):
        return []
    if settings is not None and settings.backends.color != Backends().color:
        return []
    return ["no model of this film colours panels: it is kept for a profile with [color] (see: main.py doctor)"]


def _unposed_notes(library: Library, edits: Sequence[Plan], after: EditableStoryboard) -> list[str]:
    """Say which shots no model moves to a picture that they are to come to."""
    asked = _shots_of(edits, SetPose, after)
    if not asked:
        return []
    context = read_only_context(library)
    shots = shots_to_film(context, {}, [shot for shot in after.shots if shot.id in asked])
    unmet = [shot.id for shot in shots if animator_lack(context, shot)]
    if not unmet:
        return []
    return [
        f"no model moves {selectors.describe_names(unmet)} to a picture besides the first: it is kept for one that "
        "does (wan_i2v of Wan 2.2 A14B, wan_vace; see docs/drawing.md)"
    ]


def _unknown_figure_notes(library: Library, edits: Sequence[Plan], after: EditableStoryboard) -> list[str]:
    """Return a note on shots whose ground was to move behind figures that nobody knows."""
    settings = library.settings()
    if settings is not None and not getattr(
        backends.backend_class("layers", settings.backends.layers), "needs_seeds", True
    ):
        return []
    layered = {page.index for page in library.pages() if page.layers}
    unknown: list[str] = []
    for edit in edits:
        if not isinstance(edit, AddEffect) or edit.kind not in GROUND or edit.box or edit.character or edit.place:
            continue
        with contextlib.suppress(SettingsError):
            for shot in after.select(edit.which):
                people = {one.panel for one in after.page(shot).characters}
                if shot.page not in layered and not people & set(shot.panels):
                    unknown.append(shot.id)
    if not unknown:
        return []
    number = selectors.short_name(unknown[0])
    where = selectors.describe_names(list(dict.fromkeys(unknown)))
    return [
        f"no figure is known in {where}, and its ground stays: say where it is, such as: "
        f"shot {number} effect parallax on box 20%,30%,60%,90%"
    ]


def _undrawn_notes(library: Library, edits: Sequence[Plan], after: EditableStoryboard) -> list[str]:
    """Return at most one note: in which shots no model draws."""
    asked = _shots_of(edits, _MODEL_EDITS, after)
    if not asked:
        return []
    context = read_only_context(library)
    shots = shots_to_film(context, {}, [shot for shot in after.shots if shot.id in asked])
    still = [shot.id for shot in shots if not uses_models(context, shot.backends)]
    if not still:
        return []
    return [f"no model draws in {selectors.describe_names(still)}: it is kept for one that does (see: main.py doctor)"]


def _shots_of(edits: Sequence[Plan], kinds: type[Plan] | tuple[type[Plan], ...], after: EditableStoryboard) -> set[str]:
    """Return the ids of the shots that edits of some kinds change."""
    found: set[str] = set()
    for edit in edits:
        if isinstance(edit, kinds) and not isinstance(edit, FilmEdit):
            with contextlib.suppress(SettingsError):  # dropped by a later edit
                found |= {shot.id for shot in after.select(edit.which)}
    return found
