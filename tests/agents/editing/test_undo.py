"""Test undo and redo over plans and corrections: nothing is rendered, and every state comes back exactly."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run
from agents.editing import plan_inputs, undo
from storage.domain import VideoFormat
from storage.errors import ProjectError
from storage.library import Library
from tests.agents.editing.test_revise import project, say, shots

pytestmark = pytest.mark.film


def test_the_reading_is_corrected_by_the_same_function_and_keeps_the_other_edits(filmed: Path) -> None:
    say(filmed, "shot 6 slower", "shot 7 drop")
    before = shots(filmed)
    say(filmed, 'page 1 text 1 "hello there, this is a good deal longer than it was"')
    after = shots(filmed)
    assert [one.id for one in after] == [one.id for one in before]
    assert after[0].seconds > before[0].seconds
    assert after[4:] == before[4:]
    undo.undo(project(filmed))
    assert shots(filmed) == before
    undo.redo(project(filmed))
    assert shots(filmed) == after
    undo.undo(project(filmed), steps=2)
    assert "s007" in {one.id for one in shots(filmed)}
    with pytest.raises(ProjectError, match="nothing to undo"):
        undo.undo(project(filmed))


def test_more_steps_than_there_are_change_nothing(filmed: Path) -> None:
    say(filmed, "shot 3 slower")
    say(filmed, "shot 6 drop")
    newest = shots(filmed)
    with pytest.raises(ProjectError, match="only 2 steps are there to go, not 9; nothing was changed"):
        undo.undo(project(filmed), steps=9)
    assert shots(filmed) == newest
    undo.undo(project(filmed))
    once = shots(filmed)
    with pytest.raises(ProjectError, match="only 1 step is there to go, not 9"):
        undo.redo(project(filmed), steps=9)
    assert shots(filmed) == once
    undo.redo(project(filmed))
    assert shots(filmed) == newest


def test_the_aspect_goes_back_with_undo(filmed: Path) -> None:
    say(filmed, "shot 3 slower", "film aspect 1:1")
    with Library.open(project(filmed), readonly=True) as library:
        settings = library.settings()
        assert settings
        assert settings.screen.aspect == 1
    run.animate(project(filmed), settings, run.RunOptions())
    assert [one.camera[0].box.aspect for one in shots(filmed)] == pytest.approx([1.0] * 8)
    undo.undo(project(filmed))
    with Library.open(project(filmed), readonly=True) as library:
        assert library.settings().screen.aspect == pytest.approx(16 / 9, rel=0.01)  # type: ignore[union-attr]


def test_an_aspect_that_was_set_and_never_planned_changes_no_edit(filmed: Path) -> None:
    with Library.open(project(filmed)) as library:  # as `animate --aspect 1:1` leaves it when it is killed early
        before = library.settings()
        assert before
        library.set_settings(before.model_copy(update={"screen": VideoFormat(width=180, height=180, fps=12)}))
    say(filmed, "shot 3 on upper left")
    with Library.open(project(filmed), readonly=True) as library:
        assert library.settings() == before
    assert shots(filmed)[2].camera[0].box.aspect == pytest.approx(16 / 9, rel=0.01)


def test_a_fix_that_is_made_again_films_no_plan_for_another_aspect(filmed: Path) -> None:
    fix = 'page 1 text 1 "well"'
    for line in (fix, "film aspect 1:1"):
        say(filmed, line)
    undo.undo(project(filmed), steps=2)
    for line in ("shot 2 slower", fix):
        say(filmed, line)
    with Library.open(project(filmed), readonly=True) as library:
        head = library.head()
        assert head
        assert plan_inputs.format_mismatch(library, head) is None
        assert not [one for one in library.ancestry() if one.edits and one.edits[0]["do"] == "aspect"]


def test_what_was_changed_in_another_aspect_comes_along_when_the_film_goes_back(filmed: Path) -> None:
    before = shots(filmed)
    with Library.open(project(filmed), readonly=True) as library:
        wide = library.settings()
    assert wide
    say(filmed, "film aspect 1:1", "shot 2 lock")
    run.animate(project(filmed), wide, run.RunOptions())
    after = shots(filmed)
    assert [one.locked for one in after].index(True) == 1
    assert all(one.camera[0].box.aspect == pytest.approx(16 / 9, rel=0.01) for one in after)
    assert (after[0], *after[2:]) == (before[0], *before[2:])
    run.animate(project(filmed), wide, run.RunOptions())
    assert shots(filmed) == after


def test_an_aspect_that_was_only_tried_leaves_nothing_behind(filmed: Path) -> None:
    before = shots(filmed)
    with Library.open(project(filmed), readonly=True) as library:
        wide = library.settings()
    assert wide
    say(filmed, "film aspect 1:1")
    run.animate(project(filmed), wide, run.RunOptions())
    assert shots(filmed) == before


def test_what_a_director_planned_for_another_aspect_stays_there(filmed: Path) -> None:
    before = shots(filmed)
    with Library.open(project(filmed), readonly=True) as library:
        wide = library.settings()
    assert wide
    square = wide.model_copy(update={"screen": VideoFormat(width=180, height=180, fps=12)})
    for settings in (square, wide):
        run.animate(project(filmed), settings, run.RunOptions())
    assert shots(filmed) == before
