"""Write output files to the paths that a user names: checked before the work, and written completely or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Mapping
from pathlib import Path

from storage.domain import Made
from storage.errors import ProjectError, SettingsError, StorageError
from storage.files import is_disk_full, part_path
from storage.library import Library

MAX_NAME_BYTES = 255
"""Bytes of the longest name of a file, where the system does not say it."""
FileContent = str | bytes | Path
"""A text, bytes, or a file to copy."""


def film_path(output: Path | None) -> Path | None:
    """Return the path of the film's file, with ".mp4" added where the suffix is missing. Creates nothing.

    Raises:
        SettingsError: `output` is a folder, or has the suffix of another kind of file.
        StorageError: The film or its subtitles cannot be written there.
    """
    if output is None:
        return None
    if os.path.isdir(output):
        raise SettingsError(f"{output} is a folder", f"name the film too: -o {output / 'film.mp4'}")
    if output.suffix.lower() not in ("", ".mp4", ".m4v"):
        raise SettingsError(
            f"{output.name} is not named like a film", f"films are MP4: -o {output.with_suffix('.mp4')}"
        )
    output = output if output.suffix else output.with_name(output.name + ".mp4")
    refuse_unwritable(output)
    refuse_unwritable(output.with_suffix(".srt"))
    return output


def refuse_unwritable(place: Path) -> None:
    """Check that a file can be created at `place`; folders that are missing may be created later.

    Raises:
        StorageError: No file can be created there.
    """
    if os.path.isdir(place):
        raise StorageError(f"{place} is a folder", "name the file too")
    # os.path, because Path.exists raises for a name that is too long
    existing_folder = next(folder for folder in place.absolute().parents if os.path.exists(folder))
    longest = os.pathconf(existing_folder, "PC_NAME_MAX") if hasattr(os, "pathconf") else MAX_NAME_BYTES
    if any(len(os.fsencode(part)) > longest for part in place.parts):
        raise StorageError(f"{place.name[:40]}... could not be written: the name is too long", "choose a shorter name")
    if not existing_folder.is_dir():
        raise StorageError(f"{place} could not be written: {existing_folder} is not a folder", "choose another place")
    if not os.access(existing_folder, os.W_OK | os.X_OK):
        raise StorageError(f"{place} could not be written: {existing_folder} is read-only", "choose another place")


def write_files(files: Mapping[Path, FileContent]) -> None:
    """Write several files, each completely or none at all: they get their names only when all are on the disk.

    Missing folders are created.

    Raises:
        StorageError: A file could not be written; existing files stay as they were.
    """
    parts: dict[Path, Path] = {}
    try:
        for place, content in files.items():
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            place.parent.mkdir(parents=True, exist_ok=True)
            parts[place] = part_path(place)
            _write_part(parts[place], content)
        for place, part in parts.items():
            part.replace(place)
    except OSError as error:
        is_full = is_disk_full(error)
        reason = "the disk is full" if is_full else error.strerror or str(error)
        hint = "free some space, or choose another place" if is_full else "choose another place"
        raise StorageError(f"{place} could not be written: {reason}", hint) from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def newest_film(library: Library) -> Made:
    """Return the film of the newest cut and its subtitles.

    Raises:
        ProjectError: There is no film yet.
    """
    cut = library.cut()
    made = library.find_made(cut.key) if cut else None
    if made is None:
        raise ProjectError(f"there is no film in {library.folder} yet", "run: main.py animate SOURCE")
    return made


def _write_part(part: Path, content: FileContent) -> None:
    """Write a file and wait until it is on the disk."""
    with part.open("wb") as file:
        if isinstance(content, Path):
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        else:
            file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
