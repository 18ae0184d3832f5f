"""`export`: a project in, its film, segments, stills, subtitles or data in a folder out."""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from agents import board, film
from storage.errors import ProjectError, StorageError
from storage.library import Library
from tools import clips, png


def run(command: argparse.Namespace) -> int:
    """Write what was asked for. Returns 0."""
    with Library.open(command.project, readonly=True) as library:
        try:
            command.output.mkdir(parents=True, exist_ok=True)
            for what in dict.fromkeys(command.what):
                for path in _WRITERS[what](library, command.output):
                    print(path)
        except OSError as error:
            raise StorageError(
                f"{command.output} could not be written: {error.strerror}", "choose another -o"
            ) from None
    return 0


def _film(library: Library, folder: Path) -> list[Path]:
    return [film.deliver(library, folder / f"{library.folder.stem}.mp4")]


def _srt(library: Library, folder: Path) -> list[Path]:
    place = folder / f"{library.folder.stem}.srt"
    shutil.copyfile(library.artifacts.open(film.newest(library).artifacts["subtitles"]), place)
    return [place]


def _json(library: Library, folder: Path) -> list[Path]:
    transcript = library.transcript()
    if transcript is None:
        raise ProjectError("nothing has been read yet", "run: main.py animate SOURCE")
    texts = {
        "transcript.json": transcript.model_dump_json(indent=1),
        "storyboard.json": json.dumps(board.board(library), ensure_ascii=False, indent=1),
    }
    for name, text in texts.items():
        (folder / name).write_text(text + "\n", encoding="utf-8")
    return [folder / name for name in texts]


def _segments(library: Library, folder: Path) -> list[Path]:
    written = []
    for item in _taken(library):
        place = folder / f"{item.shot.id}.mp4"
        if item.take:
            shutil.copyfile(library.artifacts.open(item.take.artifact), place)
            written.append(place)
    return written


def _stills(library: Library, folder: Path) -> list[Path]:
    written = []
    for item in _taken(library):
        if item.take:
            place = folder / f"{item.shot.id}.png"
            middle = item.shot.plan.seconds / 2
            place.write_bytes(png.encode(clips.still(library.artifacts.open(item.take.artifact), middle)))
            written.append(place)
    return written


def _taken(library: Library) -> list[board.Standing]:
    taken = [item for item in board.standing(library) if item.take]
    if not taken:
        raise ProjectError("no shot has been filmed yet", "run: main.py animate SOURCE")
    return taken


_WRITERS = {"film": _film, "segments": _segments, "stills": _stills, "srt": _srt, "json": _json}
