"""Test that a project is framed for another aspect ratio while it is filmed, and restored afterwards."""

from __future__ import annotations

from pathlib import Path

from agents import run
from agents.editing import grammar, revise
from agents.run_context import Progress
from agents.scripting.aspect_variants import frame_for_aspect
from storage.domain import ShotPlan, VideoFormat
from storage.library import Library


def shots(library: Library) -> dict[str, ShotPlan]:
    return {shot.id: shot for shot in library.shots()}


def test_a_locked_shot_is_framed_too_and_stays_locked_and_comes_back_as_it_was(filmed: Path) -> None:
    project = filmed / "chapter.komadori"
    revise.revise(project, grammar.parse_lines("shot 2 lock"))
    with Library.open(project) as library:
        before, count = shots(library), len(library.revisions())
    for _ in range(2):
        with frame_for_aspect(project, "1:1") as screen, Library.open(project) as library:
            assert screen.aspect == 1
            assert shots(library)["s002"].locked
            assert shots(library)["s002"].camera != before["s002"].camera
        with Library.open(project) as library:
            assert shots(library) == before
            assert len(library.revisions()) == count + 1, "framed once"


def test_by_hand_it_is_the_same_and_says_so(filmed: Path) -> None:
    with Library.open(filmed / "chapter.komadori") as library:
        revise.revise(library, grammar.parse_lines("shot 2 lock"))
        before = shots(library)
        there = revise.revise(library, grammar.parse_lines("film aspect 1:1"))
        assert there.notes[0].startswith("shot 2 is locked, and framed for 1:1 too")
        assert shots(library)["s002"].locked
        revise.revise(library, grammar.parse_lines("film aspect 16:9"))
        assert shots(library)["s002"] == before["s002"], "a locked shot is what it was in its own aspect"


def test_a_command_that_asks_for_another_aspect_does_the_same(filmed: Path) -> None:
    project, said = filmed / "chapter.komadori", list[Progress]()
    with Library.open(project) as library:
        revise.revise(library, grammar.parse_lines("shot 2 lock"))
        before, settings = shots(library), library.settings()
    assert settings
    square = settings.model_copy(update={"screen": VideoFormat(width=180, height=180, fps=12)})
    run.plan(project, square, run.RunOptions(), said.append)
    assert [one.text for one in said if one.text.startswith("shot 2 is locked, and framed for this aspect too")]
    with Library.open(project, readonly=True) as library:
        assert shots(library)["s002"].locked
        assert shots(library)["s002"].camera != before["s002"].camera
    run.plan(project, settings, run.RunOptions())
    with Library.open(project, readonly=True) as library:
        assert shots(library) == before
