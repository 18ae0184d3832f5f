"""The `export` command: write the film, segments, stills, subtitles or data of a project to a folder."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from typing import get_args

from agents import output_files
from agents.editing import shot_status
from agents.review import fidelity
from agents.scripting.scripts import ExportPart
from storage.domain import JsonVersion
from storage.errors import ProjectError, StorageError
from storage.library import Library
from storage.shot_ids import sortable
from storage.sound import Bus
from tools import png
from tools.audio import files as audio_files
from tools.previews import jpeg
from tools.previews.provenance import draw_provenance
from tools.video import clips

Files = dict[Path, output_files.FileContent]


def run(command: argparse.Namespace) -> int:
    """Export the requested parts. Return 0."""
    export_parts(command.project, command.what, command.output, command.json_version)
    return 0


def export_parts(project: Path, parts: Sequence[ExportPart], folder: Path, json_version: JsonVersion = 1) -> None:
    """Write parts of a project to a folder and print each path. Each file is written whole or not at all."""
    writers: dict[ExportPart, Callable[[Library, Path], Files]] = {
        **_WRITERS,
        "json": partial(_json, version=json_version),
    }
    with Library.open(project, readonly=True) as library:
        if folder.exists() and not folder.is_dir():
            raise StorageError(f"{folder} is not a folder", "choose another -o")
        output_files.refuse_unwritable(folder / "film")
        for part in dict.fromkeys(parts):
            for place, content in writers[part](library, folder).items():
                output_files.write_files({place: content})
                print(place)


def _film(library: Library, folder: Path) -> Files:
    artifact = output_files.newest_film(library).artifacts["film"]
    return {folder / f"{library.folder.stem}.mp4": library.artifacts.open(artifact), **_srt(library, folder)}


def _srt(library: Library, folder: Path) -> Files:
    artifact = output_files.newest_film(library).artifacts["subtitles"]
    return {folder / f"{library.folder.stem}.srt": library.artifacts.open(artifact)}


def _poster(library: Library, folder: Path) -> Files:
    """Take the poster that comes with the title card; a film without cards has the middle frame of its first shot."""
    place, made = folder / f"{library.folder.stem}.jpg", output_files.newest_film(library)
    if "poster" in made.artifacts:
        return {place: library.artifacts.open(made.artifacts["poster"])}
    first = next(iter(_segment_paths(library).values()))
    return {place: jpeg.encode_jpeg(clips.read_frame(first, 0.5), longest=jpeg.POSTER_LONGEST)}


def _json(library: Library, folder: Path, version: JsonVersion = 1) -> Files:
    transcript = library.require_transcript()
    storyboard = json.dumps(shot_status.storyboard_data(library, version), ensure_ascii=False, indent=1)
    return {
        folder / "transcript.json": transcript.to_json(version),
        folder / "storyboard.json": storyboard + "\n",
    }


def _segments(library: Library, folder: Path) -> Files:
    names = _file_names(library)
    return {folder / f"{names[shot]}.mp4": path for shot, path in _segment_paths(library).items()}


def _stills(library: Library, folder: Path) -> Files:
    """Take the middle frame of each shot."""
    names = _file_names(library)
    return {
        folder / f"{names[shot]}.png": png.encode_png(clips.read_frame(path, 0.5))
        for shot, path in _segment_paths(library).items()
    }


def _stems(library: Library, folder: Path) -> Files:
    """Write each bus of the film's sound as a WAV file of 48 kHz and 24 bits, as long as the film."""
    made = output_files.newest_film(library)
    mixed = library.find_made(str(made.facts.get("mix", "")))
    if mixed is None:
        raise ProjectError("the film is silent", "film it with sound: main.py animate SOURCE --sound")
    files: Files = {}
    for bus in get_args(Bus):
        if bus in mixed.artifacts:
            place = library.artifacts.temporary(".wav")
            audio_files.convert_to_wav(library.artifacts.open(mixed.artifacts[bus]), place)
            files[folder / f"{library.folder.stem}-{bus}.wav"] = place
    return files


def _maps(library: Library, folder: Path) -> Files:
    """Draw a map for each shot that shows which pixels are the artist's and which a model's."""
    context = shot_status.read_only_context(library)
    shots_with_take = [item.resolved for item in shot_status.shot_statuses(library, context) if item.take]
    fidelity.resolve_fidelity(context, shots_with_take)
    provenance = {
        resolved.shot.id: made
        for resolved in shots_with_take
        if (made := fidelity.provenance_of_shot(context, resolved)) is not None
    }
    if not provenance:
        raise ProjectError("no shot has been measured yet", "run: main.py animate SOURCE")
    names = _file_names(library)
    return {
        folder / f"{names[shot]}-map.png": png.encode_png(draw_provenance(*made)) for shot, made in provenance.items()
    }


def _file_names(library: Library) -> dict[str, str]:
    """Name the files of all shots so that they sort by number as text: s0007 in a film of 1,200 shots."""
    return sortable([shot.id for shot in library.shots()])


def _segment_paths(library: Library) -> dict[str, Path]:
    items = shot_status.shot_statuses(library)
    taken = {item.shot.id: library.artifacts.open(item.take.artifact) for item in items if item.take}
    if not taken:
        raise ProjectError("no shot has been filmed yet", "run: main.py animate SOURCE")
    if stale := [item.shot.id for item in items if item.take is None]:
        print(f"not filmed as they are planned now, left out: {' '.join(stale)}", file=sys.stderr)
    return taken


_WRITERS: dict[ExportPart, Callable[[Library, Path], Files]] = {
    "film": _film, "poster": _poster, "segments": _segments, "stills": _stills, "stems": _stems, "maps": _maps,
    "srt": _srt, "json": _json,
}  # fmt: skip
