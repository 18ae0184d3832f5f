"""The door for programs: open, animate, revise, render; the example runs as it stands."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

from komadori import animate, open_project, redo, render, revise, undo
from storage.shapes import Screen
from tests.conftest import draw_chapter
from tests.program import HOUSE
from tools.filming import clips


def test_a_program_films_revises_and_films_for_another_screen(tmp_path: Path, chapter: Path) -> None:
    project = open_project(chapter, tmp_path / "p.komadori")
    assert not [*project.shots]
    screen = Screen(width=320, height=180, fps=12)
    first = animate(project, tmp_path / "a.mp4", screen=screen, pages="1", preset="ultrafast", crf=30)
    assert first.film == tmp_path / "a.mp4"
    name = project.shots[-1].id
    before = project.shots
    assert revise(project, f"shot {int(name[1:])} slower").changed == (name,)
    assert project.shots[-1].seconds > before[-1].seconds
    tall = render(open_project(tmp_path / "p.komadori"), tmp_path / "tall.mp4", aspect="9:16")
    facts = clips.probe(tmp_path / "tall.mp4")
    assert (facts.width, facts.height) == (180, 320)
    assert tall.shots == len(before)
    assert undo(project).stale == ()
    assert project.shots == before
    assert redo(project).said
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
    assert " to film, " in said
    assert clips.probe(tmp_path / "tall.mp4").width == 120


def test_the_example_program_runs(tmp_path: Path) -> None:
    (tmp_path / "komadori").mkdir()
    for name in ("revise_by_program.py", "komadori/001.png", "komadori/002.png", "komadori/ComicInfo.xml"):
        shutil.copy(HOUSE / "examples" / name, tmp_path / name)
    said = program_in(tmp_path, "revise_by_program.py", "out", "120").stdout
    assert "taken back: let us look longer" in said
    assert clips.probe(tmp_path / "out" / "tall.mp4").width == 120


def program_in(room: Path, *words: str) -> subprocess.CompletedProcess[str]:
    """Run a user's program, without anything of ours about its processes in it."""
    there = {**os.environ, "PYTHONPATH": str(HOUSE)}
    done = subprocess.run(
        [sys.executable, *words], cwd=room, env=there, capture_output=True, text=True, check=False, timeout=300
    )
    assert done.returncode == 0, done.stderr
    return done
