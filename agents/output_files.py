"""Write output files to the paths that a user names: checked before the work, and written completely or not at all."""

from __future__ import annotations

import errno
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path

from storage.domain import Made
from storage.errors import ProjectError, SettingsError, StorageError
from storage.library import Library

FileContent = str | bytes | Path
"""A text, bytes, or a file to copy."""


def film_path(output: Path | None) -> Path | None:
    """The film's file as the user means it, a forgotten suffix added; makes nothing.

    Raises SettingsError for a folder or another kind of file, StorageError where nothing can be written.
    """
    if output is None:
        return None
    if output.is_dir():
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
    """Raise StorageError where no file can be made at `place`; a folder that is not there yet can be made."""
    if place.is_dir():
        raise StorageError(f"{place} is a folder", "name the file too")
    there = next(folder for folder in place.absolute().parents if folder.exists())
    if not there.is_dir():
        raise StorageError(f"{place} could not be written: {there} is not a folder", "choose another place")
    if not os.access(there, os.W_OK | os.X_OK):
        raise StorageError(f"{place} could not be written: {there} is read-only", "choose another place")


def write_files(files: Mapping[Path, FileContent]) -> None:
    """Write files, all of them whole or none: only when the last is on the disk does the first get its name.

    Folders that are missing are made. Raises StorageError and leaves what stood there.
    """
    parts: dict[Path, Path] = {}
    try:
        for place, content in files.items():
            if place.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR))
            place.parent.mkdir(parents=True, exist_ok=True)
            parts[place] = place.with_name(f".{place.name}.part")
            _write(parts[place], content)
        for place, part in parts.items():
            part.replace(place)
    except OSError as error:
        full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        why = "the disk is full" if full else error.strerror or str(error)
        hint = "free some space, or choose another place" if full else "choose another place"
        raise StorageError(f"{place} could not be written: {why}", hint) from error
    finally:
        for part in parts.values():
            part.unlink(missing_ok=True)


def newest_film(library: Library) -> Made:
    """The film of the newest cut and its subtitles. Raises ProjectError when there is none."""
    cut = library.cut()
    made = library.find_made(cut.key) if cut else None
    if made is None:
        raise ProjectError(f"there is no film in {library.folder} yet", "run: main.py animate SOURCE")
    return made


def deliver_film(library: Library, output: Path | None) -> Path:
    """Put the newest film, its subtitles beside it, where the user wants them; by default into the project's `films/`.

    Raises StorageError, which says where the film is kept, when that place fails.
    """
    joined, home = newest_film(library), library.folder / "films" / f"{library.folder.stem}.mp4"
    sources = {role: library.artifacts.open(kept) for role, kept in joined.artifacts.items()}

    def files(film: Path) -> dict[Path, FileContent]:
        return {film: sources["film"], film.with_suffix(".srt"): sources["subtitles"]}

    place = film_path(output) or home
    try:
        write_files(files(place))
    except StorageError as error:
        if place == home:
            raise
        kept = home if _works(lambda: write_files(files(home))) else sources["film"]
        raise StorageError(
            error.what, f"the film is kept at {kept}; copy it, or choose another place with -o"
        ) from error
    return place


def _works(attempt: Callable[[], None]) -> bool:
    try:
        attempt()
    except StorageError:
        return False
    return True


def _write(part: Path, content: FileContent) -> None:
    with part.open("wb") as file:
        if isinstance(content, Path):
            with content.open("rb") as source:
                shutil.copyfileobj(source, file, 1 << 20)
        else:
            file.write(content.encode() if isinstance(content, str) else content)
        file.flush()
        os.fsync(file.fileno())
