"""The door for programs: open, animate, revise, render; the example runs as it stands."""

from __future__ import annotations

from pathlib import Path

from examples import revise_by_program
from komadori import animate, open_project, redo, render, revise, undo
from storage.shapes import Screen
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


def test_the_example_program_runs(tmp_path: Path) -> None:
    assert callable(revise_by_program.main)
