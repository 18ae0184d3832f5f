"""Set the reference images of shots: characters, panels or picture files whose look a generative model should keep."""

from __future__ import annotations

import re
from collections.abc import Sequence

from agents.editing import SetReferences
from agents.editing.refusals import EditError
from agents.editing.selectors import NUMBER, ShotSelector, fold_name, full_name
from agents.editing.storyboard import EditableStoryboard
from storage.records import Revision
from tools.ingest.picture_formats import SUFFIXES

PICTURE_SUFFIXES = tuple(sorted(SUFFIXES))
"""File name suffixes of pictures that can be decoded."""


def is_picture(name: str) -> bool:
    """Return whether a word is the name of a picture file."""
    return name.lower().endswith(PICTURE_SUFFIXES)


def set_references(board: EditableStoryboard, edit: SetReferences) -> EditableStoryboard:
    """Set exactly these references for the selected shots.

    Raises:
        EditError: A reference is no character, shot or picture, or the character has no picture.
    """
    found, board = board.select_unlocked(edit.which)
    named = [one for said in edit.who or () for one in _find_references(board, edit, said)]
    seen = None if edit.who is None else tuple(dict.fromkeys(named))
    return board.with_shots(
        shot.model_copy(update={"render_options": shot.render_options.model_copy(update={"references": seen})})
        for shot in found
    )


def picture_file(revisions: Sequence[Revision], artifact: str) -> str:
    """Return the path under which a person gave the picture that is stored as `artifact`; "" where it is not known."""
    for revision in reversed(revisions):
        for edit in revision.edits:
            pictures = edit.get("pictures")
            for said, stored in pictures.items() if isinstance(pictures, dict) else ():
                if stored == artifact:
                    return str(said)
    return ""


def describe_reference(board: EditableStoryboard, name: str) -> str:
    """Describe one reference of a shot in words."""
    cast = {one.id: one.name for one in board.transcript.cast}
    panels = {
        panel.id: f"panel {at} of page {page.index + 1}"
        for page in board.transcript.pages
        for at, panel in enumerate(sorted(page.panels, key=lambda panel: panel.order), start=1)
    }
    picture = f"picture {name[:8]}" if re.fullmatch(r"[0-9a-f]{64}", name) else f"{name} (gone)"
    return cast.get(name) or panels.get(name) or picture


def _find_references(board: EditableStoryboard, edit: SetReferences, name: str) -> tuple[str, ...]:
    """Return the references that a word names: a character, the panels of a shot, a panel, or a picture's artifact."""
    if name in edit.pictures:
        return (edit.pictures[name],)
    if number := re.fullmatch(rf"(?:shot\s+)?({NUMBER})", name, re.IGNORECASE):
        return board.select(ShotSelector.of(full_name(number[1])))[0].panels
    if any(panel.id == name for page in board.transcript.pages for panel in page.panels):
        return (name,)
    for one in board.transcript.cast:
        if fold_name(name) in (fold_name(one.id), fold_name(one.name)):
            if one.reference:
                return (one.id,)
            what, hint = f"there is no picture of {one.name}", "name a shot that shows them, or a picture file"
            raise EditError(what, hint, "no_reference_picture")
    names = ", ".join(one.name for one in board.transcript.cast)
    cast = f"the cast is {names}; " if names else "nobody is known by name here; "
    hint = f"{cast}name a shot, s003, or a file, mika.png"
    raise EditError(f"{name} is no character, no shot and no picture", hint, "unknown_reference")
