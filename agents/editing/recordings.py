"""Keep the sound files that people give for effects and music, and find them again by their names."""

from __future__ import annotations

import hashlib
import mimetypes
import re
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from agents.editing.refusals import EditError
from agents.editing.sound_edits import FileEdit, RemoveSounds
from storage.domain import Made
from storage.errors import SettingsError
from storage.keys import content_key
from storage.records import Revision

if TYPE_CHECKING:  # worker processes import this file, and need no database
    from storage.library import Library

TOOL = "recording"
"""The tool under which recordings are stored; see `storage.inventory.LASTING_KINDS`."""
ROLE = "sound"


def resolve_recording(library: Library, edit: FileEdit) -> FileEdit:
    """Return an edit with the artifact of the sound file that it names, which is kept in the project.

    Raises:
        AudioError: The file is no sound, or is damaged.
        SettingsError: The file cannot be read.
        EditError: The recording to remove was never given.
    """
    if not edit.file or (edit.sample and library.artifacts.has(edit.sample)):
        return edit
    if _is_hash(edit.file) and library.artifacts.has(edit.file):
        return edit.model_copy(update={"sample": edit.file})
    if isinstance(edit, RemoveSounds):
        return edit.model_copy(update={"sample": _find_recording(library, edit)})
    return edit.model_copy(update={"sample": keep_recording(library, edit.file)})


def check_recording(edit: FileEdit) -> None:
    """Raise SettingsError if an edit names a sound file that does not exist."""
    if edit.file and not isinstance(edit, RemoveSounds):
        _read_file(edit.file)


def recording_names(revisions: Sequence[Revision]) -> dict[str, str]:
    """Return the names under which people gave recordings, by their artifacts."""
    return {str(edit["sample"]): str(edit["file"]) for one in revisions for edit in one.edits if edit.get("sample")}


def _find_recording(library: Library, edit: RemoveSounds) -> str:
    """Return the artifact of a recording that was given before, by its name or by the bytes of its file.

    Of several recordings under one name it is the latest that is heard in the film.
    """
    names = recording_names(library.revisions())
    known = [sample for sample, name in names.items() if edit.file in (name, Path(name).name)]
    heard = {cue.sample for shot in library.shots() for cue in shot.sound.cues}
    if known:
        return next((sample for sample in reversed(known) if sample in heard), known[-1])
    file = Path(edit.file).expanduser()
    if file.is_file():
        return hashlib.sha256(file.read_bytes()).hexdigest()
    what, hint = f"no recording {edit.file} was given", "see what there is with: main.py show shot N PROJECT"
    raise EditError(what, hint, "unknown_recording")


def keep_recording(library: Library, said: str) -> str:
    """Store a sound file, which is kept only once, and return its artifact.

    Raises:
        AudioError: The file is no sound, or is damaged.
        SettingsError: The file cannot be read.
    """
    from tools.audio.files import read_audio

    data = _read_file(said)
    key = content_key(TOOL, "", 1, sound=hashlib.sha256(data).hexdigest())
    made = library.find_made(key)
    if made is None:
        read_audio(Path(said).expanduser())
        media_type = mimetypes.guess_type(said)[0] or "application/octet-stream"
        made = Made(artifacts={ROLE: library.artifacts.keep(data, media_type)})
        library.add_made(key, TOOL, made)
    return made.artifacts[ROLE].sha256


def _read_file(said: str) -> bytes:
    file = Path(said).expanduser()
    hint = "name a sound file, from where you stand"
    if not file.is_file():
        raise SettingsError(f"{said} cannot be read: there is no such file", hint)
    try:
        return file.read_bytes()
    except OSError as error:
        raise SettingsError(f"{said} cannot be read: {error.strerror}", hint) from None


def _is_hash(text: str) -> bool:
    return re.fullmatch(r"[0-9a-f]{64}", text) is not None
