"""Test `export`: the right bytes, whole files, and a message where something is missing."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import get_args

import numpy as np
import pytest

from agents.scripting.scripts import ExportPart
from commands import export
from commands.cli.arguments import parse
from main import main
from storage.domain import Transcript
from storage.errors import SettingsError
from storage.library import Library
from tests.conftest import transcript_of
from tests.program import print_of, refusal
from tools import png
from tools.video import clips

Said = pytest.CaptureFixture[str]


def test_everything_comes_out_once_and_its_paths_are_printed(finished: Path, tmp_path: Path, capsys: Said) -> None:
    out, before = tmp_path / "a" / "out", print_of(finished)
    whats = ["film", "segments", "stills", "srt", "json", "film"]
    assert main(["export", str(finished / "chapter.komadori"), *whats, "-o", str(out)]) == 0
    shots = [f"s{number:03d}" for number in range(1, 9)]
    names = {"chapter.mp4", "chapter.srt", "transcript.json", "storyboard.json"}
    names |= {f"{shot}.mp4" for shot in shots} | {f"{shot}.png" for shot in shots}
    assert {path.name for path in out.iterdir()} == names
    assert {Path(line).name for line in capsys.readouterr().out.splitlines()} == names
    assert (out / "chapter.mp4").read_bytes() == (finished / "film.mp4").read_bytes()
    assert Transcript.model_validate_json((out / "transcript.json").read_text()).pages == transcript_of(2).pages
    seconds = {shot["id"]: shot["seconds"] for shot in json.loads((out / "storyboard.json").read_text())["shots"]}
    for shot in shots:
        assert clips.probe_clip(out / f"{shot}.mp4").frames == round(seconds[shot] * 12)
    assert print_of(finished) == before


def test_a_script_and_the_command_line_take_away_the_same(capsys: Said) -> None:
    parts = get_args(ExportPart)
    assert tuple(export._WRITERS) == parts
    assert parse(["export", "p.komadori", *parts, "-o", "out"]).what == list(parts)
    with pytest.raises(SettingsError) as refused:
        parse(["export", "p.komadori", "nothing", "-o", "out"])
    assert [word for word in re.findall(r"\w+", refused.value.what.partition("choose from")[2])] == list(parts)


def test_a_still_is_the_middle_of_its_shot(finished: Path, tmp_path: Path) -> None:
    assert main(["export", str(finished / "chapter.komadori"), "stills", "segments", "-o", str(tmp_path)]) == 0
    for shot in ("s001", "s005"):
        frames = list(clips.read_frames(tmp_path / f"{shot}.mp4"))
        still = png.read_png(tmp_path / f"{shot}.png").astype(int)
        middle = (len(frames) - 1) // 2
        near = [np.abs(frame.astype(int) - still).mean() for frame in frames[middle : middle + 2]]
        assert min(near) < 1.0


def test_shots_that_are_stale_are_left_out_and_named(filmed: Path, tmp_path: Path, capsys: Said) -> None:
    with Library.open(filmed / "chapter.komadori") as library:
        first, *rest = library.shots()
        longer = first.model_copy(update={"seconds": first.seconds + 1})
        library.add_revision((longer, *rest), key="by hand", author="hand", message="hold it longer")
    assert main(["export", str(filmed / "chapter.komadori"), "segments", "-o", str(tmp_path / "out")]) == 0
    said = capsys.readouterr()
    assert "left out: s001" in said.err
    assert len(said.out.splitlines()) == 7


def test_a_map_tells_whose_pixels_a_shot_shows(finished: Path, tmp_path: Path, capsys: Said) -> None:
    assert main(["export", str(finished / "chapter.komadori"), "maps", "-o", str(tmp_path / "out")]) == 0
    assert len(list((tmp_path / "out").glob("s*-map.png"))) == 8
    assert png.read_png(tmp_path / "out" / "s001-map.png").std() > 10
    capsys.readouterr()
    assert main(["show", "shot", "1", str(finished / "chapter.komadori")]) == 0
    said = " ".join(capsys.readouterr().out.split())
    assert "% original" in said
    assert "maps -o DIR" in said


@pytest.mark.parametrize("what", ["film", "srt", "segments", "stills", "maps", "json"])
def test_a_project_without_a_film_says_what_is_missing(what: str, tmp_path: Path, capsys: Said) -> None:
    Library.open(tmp_path / "new.komadori", create=True).close()
    assert main(["export", str(tmp_path / "new.komadori"), what, "-o", str(tmp_path / "out")]) == 2
    assert "yet" in refusal(capsys.readouterr().err)[0]
    assert not (tmp_path / "out").exists()


def test_a_place_that_is_no_folder_is_refused(finished: Path, tmp_path: Path, capsys: Said) -> None:
    (tmp_path / "out").write_text("mine")
    for place in (tmp_path / "out", tmp_path / "out" / "deeper"):
        assert main(["export", str(finished / "chapter.komadori"), "film", "-o", str(place)]) == 2
        assert "not a folder" in refusal(capsys.readouterr().err)[0]
    assert (tmp_path / "out").read_text() == "mine"
