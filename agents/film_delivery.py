"""Deliver the film to the user's file, and remember for each aspect ratio where that file is.

Later commands without -o (undo, chat, retake) then refresh the file that the user watches. The journal is the memory.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from contextlib import suppress
from pathlib import Path
from urllib.parse import quote_from_bytes, unquote_to_bytes

from agents.output_files import FileContent, film_path, newest_film, write_files
from storage.domain import VideoFormat
from storage.errors import StorageError
from storage.library import Library
from storage.project import is_project
from storage.records import Event, Fact

DELIVERED = "delivered"
"""The kind of the events that say where a film was delivered to."""
_ENCODED = "file://"
"""Begins a path that is no text in UTF-8, with its bytes in percent encoding."""


def deliver_film(library: Library, output: Path | None, screen: VideoFormat) -> Path:
    """Copy the newest film and its subtitles to the user's file, and remember its place for this aspect ratio.

    Args:
        library: The open library.
        output: The path of the film; None takes the place where the last film of this aspect ratio went, at first the
            project's `films/` folder.
        screen: The video format of the film.

    Returns:
        The path of the film.

    Raises:
        StorageError: The place cannot be written; the hint says where the film is kept.
    """
    made, aspect = newest_film(library), screen.aspect_name
    sources = {role: library.artifacts.open(artifact) for role, artifact in made.artifacts.items()}

    def files_at(film: Path) -> dict[Path, FileContent]:
        """Return the film and its subtitles by the paths that they get, and in the project's folder its poster too."""
        is_own_folder = "poster" in sources and film.parent == library.folder / "films"
        poster = {film.with_suffix(".jpg"): sources["poster"]} if is_own_folder else {}
        return {film: sources["film"], film.with_suffix(".srt"): sources["subtitles"], **poster}

    default_place = _default_place(library, aspect)
    place = output or remembered_place(library, aspect) or default_place
    try:
        place = film_path(output) or place
        if output is None and place != default_place and not place.parent.is_dir():
            raise StorageError(f"{place} could not be written: its folder is gone", "choose another place")
        write_files(files_at(place))
    except StorageError as error:
        if place == default_place:
            raise
        kept_at = sources["film"]
        with suppress(StorageError):
            write_files(files_at(default_place))
            kept_at = default_place
        raise StorageError(
            error.what, f"the film is kept at {kept_at}; copy it, or choose another place with -o"
        ) from error
    _remember_place(library, aspect, place)
    return place


def film_place(library: Library, screen: VideoFormat) -> Path:
    """Return the path to which the next film of this aspect ratio goes where the user names none."""
    return remembered_place(library, screen.aspect_name) or _default_place(library, screen.aspect_name)


def remembered_place(library: Library, aspect: str) -> Path | None:
    """Return the path to which the last film of an aspect ratio was delivered; None if there was none.

    If the project was moved or copied together with the film, that is the film beside it. A project that was copied
    alone forgets the place: the film there is that of the other project.
    """
    facts = _last_deliveries(library).get(aspect)
    if facts is None:
        return None
    film, home, here = _to_path(facts["film"]), _to_path(facts["project"]), Path(os.path.abspath(library.folder))
    if here == home:
        return film
    try:
        beside = Path(os.path.normpath(here / os.path.relpath(film, home)))
    except ValueError:  # another drive
        beside = film
    if beside != film and beside.exists():
        return beside
    return None if is_project(home) else film


def _default_place(library: Library, aspect: str) -> Path:
    """Return the film's path in the project's `films/` folder; a second aspect ratio has a file of its own."""
    folder, name = library.folder / "films", library.folder.stem
    place = folder / f"{name}.mp4"
    others = [facts["film"] for other, facts in _last_deliveries(library).items() if other != aspect]
    is_taken = any(os.path.abspath(place) == str(_to_path(film)) for film in others)
    return folder / f"{name}-{aspect.replace(':', 'x')}.mp4" if is_taken else place


def _remember_place(library: Library, aspect: str, place: Path) -> None:
    facts = {"film": _to_text(place), "project": _to_text(library.folder), "aspect": aspect}
    if _last_deliveries(library).get(aspect) != facts:
        library.add_event("assemble", DELIVERED, os.fsencode(place).decode(errors="replace"), **facts)


def _last_deliveries(library: Library) -> dict[str, Mapping[str, Fact]]:
    """Return the facts of the last delivery of each aspect ratio."""
    events: tuple[Event, ...] = library.events(kinds={DELIVERED})
    return {str(event.facts["aspect"]): event.facts for event in events}


def _to_text(path: Path) -> str:
    """Return an absolute path as text that JSON can hold."""
    absolute = os.path.abspath(path)
    try:
        absolute.encode()
    except UnicodeEncodeError:
        return _ENCODED + quote_from_bytes(os.fsencode(absolute))
    return absolute


def _to_path(text: Fact) -> Path:
    """Return the path that `_to_text` wrote."""
    written = str(text)
    if written.startswith(_ENCODED):
        return Path(os.fsdecode(unquote_to_bytes(written.removeprefix(_ENCODED))))
    return Path(written)
