"""Measure the cost of revising one shot of 40 (preview, filming, undo, joining) as shares of the whole film's time."""

from __future__ import annotations

import tempfile
from pathlib import Path

from agents import run
from agents.editing import grammar, preview, revise
from agents.editing import undo as undo_steps
from benchmarks import books
from benchmarks.rows import BenchmarkRow, seconds_of
from storage.library import Library
from storage.settings import Settings

PAGES, BOUND, PREVIEW, UNDO = 10, 0.08, 0.05, 0.01


def rows() -> list[BenchmarkRow]:
    """Film 40 shots, make one slower, render its preview, film it and undo the change."""
    settings = Settings()
    with tempfile.TemporaryDirectory() as folder:
        project, output = Path(folder) / "revise.komadori", Path(folder) / "film.mp4"
        chapter = books.chapter(Path(folder) / "chapter", PAGES)
        options = run.RunOptions(chapter, output, corrections=books.transcript(PAGES))
        whole = seconds_of(lambda: run.animate(project, settings, options))
        with Library.open(project, readonly=True) as library:
            names = [plan.id for plan in library.shots()]
        name = names[len(names) // 2]
        asked = grammar.parse_lines(f"shot {int(name[1:])} slower")
        edit = seconds_of(lambda: revise.revise(project, asked))
        seen = seconds_of(lambda: preview.render_preview(project, [name]))
        filmed = seconds_of(lambda: run.animate(project, settings, run.RunOptions(output=output)))
        undo = seconds_of(lambda: undo_steps.undo(project))
        join = seconds_of(lambda: run.animate(project, settings, run.RunOptions(output=output)))
    revised, shown, undone = (part / whole for part in (edit + filmed, edit + seen, undo))
    return [
        BenchmarkRow(
            f"revising one shot of {len(names)}",
            f"{revised:.1%} of the film's {whole:.0f} s",
            "<= 8 %",
            revised <= BOUND,
        ),
        BenchmarkRow("  its preview, half the size", f"{shown:.1%}", "<= 5 %", shown <= PREVIEW),
        BenchmarkRow("  its undo", f"{undone:.2%}", "<= 1 %", undone <= UNDO),
        BenchmarkRow("  the join after it", f"{join / whole:.1%}"),
    ]
