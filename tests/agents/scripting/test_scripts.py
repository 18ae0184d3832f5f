"""Test that scripts are loaded, and that every fault names its file and line."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.editing import grammar
from agents.editing.refusals import EditError
from agents.planning.violation import Violation
from agents.scripting.scripts import load_script
from storage.errors import SettingsError

WHOLE = """\
source = "$book"
project = "out.komadori"
aspects = ["16:9", "9:16"]
style = "calm"
edits = [
  "shot 7 slower",  # why
  "shot 4 lock", "shots 3-6 drop",
  'page 1 text 1 "hello"',
]

[vars]
book = "chapter.cbz"

[settings]
crf = 30

[[export]]
what = ["srt"]
to = "parts/{aspect}"
"""


def write(folder: Path, text: str, name: str = "film.toml") -> Path:
    path = folder / name
    path.write_text(text, encoding="utf-8")
    return path


def fault(folder: Path, text: str, **given: str) -> str:
    """Return the message of the error that a script raises."""
    with pytest.raises(SettingsError) as excinfo:
        load_script(write(folder, text), given)
    assert excinfo.value.hint
    return excinfo.value.what


def test_a_script_says_a_whole_project(tmp_path: Path) -> None:
    loaded = load_script(write(tmp_path, WHOLE), {"book": "other.pdf"})
    script = loaded.script
    assert script.source == "other.pdf"
    assert script.project == str(tmp_path / "out.komadori")
    assert script.aspects == ("16:9", "9:16")
    assert [grammar.format_edit(edit) for edit in loaded.edits()] == [
        "shot 7 slower", "shot 4 lock", "shots 3-6 drop", 'page 1 text 1 "hello"',
    ]  # fmt: skip
    assert script.export[0].to == str(tmp_path / "parts/{aspect}")
    assert load_script(write(tmp_path, WHOLE)).script.source == "chapter.cbz"


def test_what_is_included_comes_first_and_is_overruled(tmp_path: Path) -> None:
    house = write(
        tmp_path, 'style = "calm"\nheight = 480\nedits = ["shot 1 hold"]\n[settings]\ncrf = 25\n', "house.toml"
    )
    loaded = load_script(
        write(tmp_path, 'include = ["house.toml"]\nsource = "a"\nheight = 240\nedits = ["shot 2 hold"]\n')
    )
    assert (loaded.script.style, loaded.script.height, loaded.script.settings) == ("calm", 240, {"crf": 25})
    assert loaded.script.edits == ("shot 1 hold", "shot 2 hold")
    assert loaded.files == (tmp_path / "film.toml", house)
    write(tmp_path, 'include = ["film.toml"]\n', "house.toml")
    assert "includes itself" in fault(tmp_path, 'include = ["house.toml"]\n')


def test_every_fault_is_named_with_its_line(tmp_path: Path) -> None:
    where = f"{tmp_path / 'film.toml'}:"
    assert fault(tmp_path, 'source = "a"\naspects = [\n').startswith(where)
    assert fault(tmp_path, WHOLE.replace("shots 3-6 drop", "shots 3-6 dance")).startswith(f"{where}7: this is no edit")
    assert fault(tmp_path, WHOLE.replace('"hello"', "")).startswith(f"{where}8: ")
    assert fault(tmp_path, 'source = "a"\n\ncolour = "red"\n') == f"{where}3: colour: this is not known here"
    assert fault(tmp_path, WHOLE.replace('"calm"', '"fast"')).startswith(f"{where}4: style")
    assert fault(tmp_path, WHOLE.replace('"srt"', '"gif"')).startswith(f"{where}18: export.0.what.0")
    assert fault(tmp_path, WHOLE.replace('book = "chapter.cbz"', "")) == f"{where}1: $book is not given"
    assert "has no variable page" in fault(tmp_path, 'source = "a"\n', page="3")
    assert fault(tmp_path, 'source = "a"\nproject = "$"\n').startswith(f"{where}2: ")
    assert fault(tmp_path, 'source = "a"\nvars = ["b"]\n').startswith(f"{where}2: vars")


def test_a_refused_edit_keeps_its_facts_when_its_line_is_named(tmp_path: Path) -> None:
    (tmp_path / "film.toml").write_text('source = "chapter"\nedits = [\n"shot 1 seconds 2",\n]\n')
    loaded = load_script(tmp_path / "film.toml")
    unread = Violation("unread", "s001", "t0-0", measured=1, needed=2)
    with pytest.raises(EditError) as excinfo, loaded.locate_errors("edits", 0):
        raise EditError("too short", "slower", "broken_promise", shot="s001", violations=[unread], least_seconds=2.5)
    assert excinfo.value.what == f"{tmp_path / 'film.toml'}:3: too short"
    assert (excinfo.value.kind, excinfo.value.shot, excinfo.value.least_seconds) == ("broken_promise", "s001", 2.5)
    assert excinfo.value.violations == (unread,)


def test_a_fault_in_what_is_included_is_named_there(tmp_path: Path) -> None:
    write(tmp_path, '# the house\nedits = ["shot 1 dance"]\n', "house.toml")
    said = fault(tmp_path, 'include = ["house.toml"]\nsource = "a"\nedits = ["shot 2 hold"]\n')
    assert said.startswith(f"{tmp_path / 'house.toml'}:2: ")
