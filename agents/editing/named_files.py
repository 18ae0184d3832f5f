"""The files that edits name: pictures whose look a model keeps, and sounds."""

from __future__ import annotations

from collections.abc import Callable

from agents.editing import Plan, Reading, SetReferences
from agents.editing.references import is_picture
from agents.editing.sound_edits import AddSound, RemoveSounds, SetMusic


def files_of(edit: Plan | Reading) -> list[str]:
    """Return the files that an edit needs, as they are written in it."""
    if isinstance(edit, SetReferences):
        return [said for said in edit.who or () if is_picture(said)]
    return [edit.file] if isinstance(edit, (AddSound, SetMusic)) and edit.file else []


def with_files(edit: Plan | Reading, rename: Callable[[str], str]) -> Plan | Reading:
    """Return an edit with other paths of the files that it names."""
    if isinstance(edit, SetReferences) and edit.who is not None:
        return edit.model_copy(update={"who": tuple(rename(one) if is_picture(one) else one for one in edit.who)})
    if isinstance(edit, (AddSound, RemoveSounds, SetMusic)) and edit.file:
        return edit.model_copy(update={"file": rename(edit.file)})
    return edit
