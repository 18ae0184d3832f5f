"""Test the Python API: open, animate, revise, render. The example runs as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
import venv
import zipfile
from pathlib import Path
from typing import Any

import pytest

from komadori import animate, open_project, redo, render, revise, undo
from storage.domain import VideoFormat
from storage.errors import KomadoriError
from storage.library import Library
from storage.styles import StyleSheet
from tests.conftest import draw_chapter
from tests.program import HOUSE
from tools.video import clips

pytestmark = pytest.mark.film


def test_a_program_films_revises_and_films_for_another_screen(tmp_path: Path, chapter: Path) -> None:
    project = open_project(chapter, tmp_path / "p.komadori")
    assert not [*project.shots]
    small: dict[str, Any] = {"height": 180, "fps": 12, "preset": "ultrafast", "crf": 30}
    first = animate(project, tmp_path / "a.mp4", aspect="16:9", style="calm", profile="cpu", pages="1", **small)
    with Library.open(project.folder, readonly=True) as library:
        settings = library.settings()
        assert settings
        assert (settings.screen, settings.style) == (VideoFormat(width=320, height=180, fps=12), StyleSheet(pace=1.25))
    assert first.film == tmp_path / "a.mp4"
    name = project.shots[-1].id
    before = project.shots
    assert revise(project, f"shot {int(name[1:])} slower").changed == (name,)
    assert project.shots[-1].seconds > before[-1].seconds
    tall = render(open_project(tmp_path / "p.komadori"), tmp_path / "tall.mp4", aspect="9:16")
    facts = clips.probe_clip(tmp_path / "tall.mp4")
    assert (facts.width, facts.height) == (180, 320)
    assert tall.shots == len(before)
    assert undo(project).stale == ()
    assert project.shots == before
    assert redo(project).summary
    assert render(project).film


def test_the_program_of_the_readme_runs_as_a_file(tmp_path: Path) -> None:
    draw_chapter(tmp_path / "chapter")
    shutil.make_archive(str(tmp_path / "chapter"), "zip", tmp_path / "chapter")
    (tmp_path / "chapter.zip").rename(tmp_path / "chapter.cbz")
    text = (HOUSE / "README.md").read_text(encoding="utf-8")
    block = re.search(r"```python\n(from komadori import.*?)```", text, re.DOTALL)
    assert block
    (tmp_path / "program.py").write_text(block[1].replace("height=720", "height=120"))
    said = program_in(tmp_path, "program.py").stdout
    assert "shot 7 to film" in said
    assert clips.probe_clip(tmp_path / "tall.mp4").width == 120


def test_the_example_program_runs(tmp_path: Path) -> None:
    (tmp_path / "komadori").mkdir()
    for name in ("revise_by_program.py", "komadori/001.png", "komadori/002.png", "komadori/ComicInfo.xml"):
        shutil.copy(HOUSE / "examples" / name, tmp_path / name)
    said = program_in(tmp_path, "revise_by_program.py", "out", "120").stdout
    assert "taken back: let us look longer" in said
    assert clips.probe_clip(tmp_path / "out" / "tall.mp4").width == 120


def test_what_cannot_be_meant_is_an_error_with_its_cure_and_changes_nothing(filmed: Path, tmp_path: Path) -> None:
    project = open_project(filmed / "chapter.komadori")
    with Library.open(project.folder, readonly=True) as library:
        before = library.settings()
    faults: tuple[dict[str, Any], ...] = (
        {"profile": "nothere"}, {"profile": "8gb"}, {"style": "loud"}, {"aspect": "wide"}, {"fps": 0}, {"height": 3},
        {"height": 0}, {"height": 1e9}, {"height": float("nan")}, {"fps": "23,976"}, {"fps": float("inf")},
        {"screen": {"width": 0, "height": 0}}, {"screen": VideoFormat(width=2, height=2)}, {"screen": {"fps": 0}},
        {"screen": {"width": 321, "height": 181}},
        {"colour": "red"}, {"crf": "much"}, {"cast": "nowhere"}, {"pages": "99"},
    )  # fmt: skip
    for said in faults:
        with pytest.raises(KomadoriError) as told:
            animate(open_project(filmed / "chapter", project.folder), **said)
        assert told.value.hint, said
    with pytest.raises(KomadoriError, match="not an aspect"):
        render(project, aspect="wide")
    with Library.open(project.folder, readonly=True) as library:
        assert library.settings() == before


USER = """\
from pathlib import Path

from komadori import Project, animate, open_project, redo, render, revise, undo

project: Project = open_project("chapter.cbz")
report = animate(project, aspect="9:16", height=720, style="calm", profile="24gb", crf=20)
count: int = report.shots
film: Path | None = render(project, "tall.mp4", aspect="9:16").film
print(revise(project, "shot 7 slower").price(), project.shots[0].seconds + 1, undo(project).stale, redo(project).notes)
project.shots[0].seconds.nothing
"""


def test_a_program_that_uses_an_installed_komadori_is_checked_by_its_types(tmp_path: Path) -> None:
    house, wheels = tmp_path / "house", tmp_path / "wheels"
    for name in ("komadori", "commands", "agents", "tools", "storage", "prompts"):
        shutil.copytree(HOUSE / name, house / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("main.py", "pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(HOUSE / name, house / name)
    wheels.mkdir()
    build = f"import setuptools.build_meta as it; it.build_wheel({str(wheels)!r})"
    subprocess.run([sys.executable, "-c", build], cwd=house, check=True, capture_output=True)
    venv.create(tmp_path / "venv", with_pip=False)
    with zipfile.ZipFile(next(wheels.glob("*.whl"))) as wheel:
        wheel.extractall(next((tmp_path / "venv").glob("lib/python*/site-packages")))
    (tmp_path / "user.py").write_text(USER)
    mypy = [sys.executable, "-m", "mypy", "--strict", "--python-executable", str(tmp_path / "venv" / "bin" / "python")]
    found = subprocess.run([*mypy, "user.py"], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert found.stdout.splitlines() == [
        'user.py:10: error: "float" has no attribute "nothing"  [attr-defined]',
        "Found 1 error in 1 file (checked 1 source file)",
    ], "it sees what there is, and what there is not"


def program_in(room: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a user's program without the tests' settings for its processes."""
    there = {**os.environ, "PYTHONPATH": str(HOUSE)}
    done = subprocess.run(
        [sys.executable, *words], cwd=room, env=there, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done
