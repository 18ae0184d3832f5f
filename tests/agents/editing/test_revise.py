"""Test that a revision changes only what was asked for, reports its cost first, and can be undone."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run
from agents.editing import grammar, revise, undo
from agents.editing.revision_report import RevisionReport
from agents.planning.rule_based import RuleBasedPlanner
from storage.domain import ShotPlan
from storage.errors import ProjectLocked, SettingsError
from storage.library import Library
from tests.replaying import replayed

pytestmark = pytest.mark.film


def project(room: Path) -> Path:
    return room / "chapter.komadori"


def say(room: Path, *lines: str) -> RevisionReport:
    """Apply edits to the project, as a chat does."""
    return revise.revise(
        project(room), [grammar.parse_line(line) for line in lines], author="chat", message="; ".join(lines)
    )


def shots(room: Path) -> tuple[ShotPlan, ...]:
    with Library.open(project(room), readonly=True) as library:
        return library.shots()


def keys(room: Path) -> set[str]:
    """Return the content keys of all jobs that were run."""
    with Library.open(project(room), readonly=True) as library:
        return {event.facts["key"] for event in library.events(kinds={"made"})}  # type: ignore[misc]


def film_again(room: Path) -> set[str]:
    """Finish the film, and return the shots that had to be filmed."""
    with Library.open(project(room), readonly=True) as library:
        settings, last = library.settings(), max(event.id for event in library.events())
    assert settings
    run.animate(project(room), settings, run.RunOptions())
    with Library.open(project(room), readonly=True) as library:
        return {event.text for event in library.events(after=last, kinds={"made"}) if event.stage == "composite"}


def test_a_film_that_rules_of_old_have_planned_keeps_its_plan_and_what_is_said_of_it(
    filmed: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(RuleBasedPlanner, "version", RuleBasedPlanner.version + 1)
    say(filmed, "shot 3 slower")
    after = shots(filmed)
    assert film_again(filmed) == {"s003"}
    with Library.open(project(filmed), readonly=True) as library:
        assert [revision.author for revision in library.revisions()] == ["director", "chat"]
    assert shots(filmed) == after


def test_only_what_was_revised_is_filmed_again_and_undo_films_nothing(filmed: Path) -> None:
    with Library.open(project(filmed), readonly=True) as library:
        preview = revise.preview_edits(library, [grammar.parse_line("shot 3 slower")])
    assert (preview.stale, preview.revision) == (("s003",), 1)
    assert preview.film > 0
    assert "shot 3 to film" in preview.price()
    done = say(filmed, "shot 3 slower")
    assert (done.stale, done.revision) == (("s003",), 2)
    assert film_again(filmed) == {"s003"}
    before = keys(filmed)
    assert undo.undo(project(filmed)).stale == ()
    assert film_again(filmed) == set()
    assert undo.redo(project(filmed)).stale == ()
    assert film_again(filmed) == set()
    assert keys(filmed) == before


def test_a_revision_says_who_asked_for_what_and_when(filmed: Path) -> None:
    say(filmed, "shot 3 slower", "shot 2 hold", "shot 1 on whole")
    with Library.open(project(filmed), readonly=True) as library:
        head = library.head()
        assert head
        assert (head.author, head.parent) == ("chat", 1)
        assert [grammar.format_edit(grammar.edit_from_data(edit)) for edit in head.edits] == [
            "shot 3 slower", "shot 2 hold", "shot 1 on whole",
        ]  # fmt: skip
        assert replayed(library) == library.shots()


def test_of_several_edits_all_are_done_or_none(filmed: Path) -> None:
    before = shots(filmed)
    with pytest.raises(SettingsError, match="no shot 99"):
        say(filmed, 'page 1 text 1 "something quite different"', "shot 2 slower", "shot 99 slower")
    assert shots(filmed) == before
    with Library.open(project(filmed), readonly=True) as library:
        assert len(library.correction_ancestry()) == 1  # the transcript that was given by hand
        transcript = library.transcript()
        assert transcript
        assert transcript.pages[0].balloons[0].text == "hello there"


def test_a_locked_shot_stays_whoever_asks_and_whatever_is_read(filmed: Path) -> None:
    say(filmed, "shot 2 lock")
    locked = shots(filmed)[1]
    for line in ("shot 2 slower", "page 1 delete panel 2", "page 1 add panel 20,20,80,80"):
        with pytest.raises(SettingsError, match="locked"):
            say(filmed, line)
    with pytest.raises(SettingsError, match="locked"):
        run.retake(project(filmed), ["s002"], seed=None, output=None)
    say(filmed, "film slower")
    say(filmed, 'page 1 text 1 "a longer line than there was before"')
    assert next(shot for shot in shots(filmed) if shot.id == "s002") == locked


def test_an_earlier_take_can_be_chosen_again(filmed: Path) -> None:
    before = shots(filmed)[2]
    say(filmed, "shot 3 seconds 6")
    film_again(filmed)
    chosen = say(filmed, "shot 3 take 1")
    assert chosen.stale == ()
    assert shots(filmed)[2] == before


def test_a_second_process_learns_who_holds_the_project_and_may_read_it(filmed: Path) -> None:
    with Library.open(project(filmed)):
        with pytest.raises(ProjectLocked, match=r"in use: process \d+"):
            say(filmed, "shot 3 slower")
        with Library.open(project(filmed), readonly=True) as library:
            assert revise.preview_edits(library, [grammar.parse_line("shot 3 slower")]).stale == ("s003",)
