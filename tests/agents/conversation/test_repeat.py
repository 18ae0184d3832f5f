"""Test that "never mind" takes back just what the last message changed, and "again" repeats only what a person did."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run
from agents.conversation import turn as chat_turn
from agents.conversation.actions import ChatTurn
from agents.corrections import grammar as fixes
from agents.corrections import replan
from agents.editing import grammar, revise, undo
from agents.review import retakes
from storage.domain import ShotPlan
from storage.errors import SettingsError
from storage.library import Library
from storage.records import Revision
from tests.drawn_books import SETTINGS, DrawnBook, numbered_page

FIX, OTHER_FIX = 'page 1 text 1 "good morning"', 'page 2 text 1 "good night"'


@pytest.fixture
def book(tmp_path: Path) -> DrawnBook:
    """Draw two pages of three panels, and plan them: shots 1-3 and 4-6."""
    book = DrawnBook(tmp_path / "book", [numbered_page(10 * n, [3, 0, 5]) for n in (1, 2)])
    plan(book)
    return book


def plan(book: DrawnBook) -> None:
    """Plan the film of the book as it is now."""
    run.plan(project(book), SETTINGS, run.RunOptions(book.write()))


def project(book: DrawnBook) -> Path:
    return book.folder.with_suffix(".komadori")


def say(book: DrawnBook, *messages: str) -> ChatTurn:
    turn = ChatTurn("")
    for message in messages:
        turn = chat_turn.take_turn(project(book), message)
    return turn


def head(book: DrawnBook) -> Revision:
    with Library.open(project(book), readonly=True) as library:
        revision = library.head()
    assert revision
    return revision


def state(book: DrawnBook) -> tuple[tuple[ShotPlan, ...], list[str]]:
    """Return the shots and the texts of the balloons."""
    with Library.open(project(book), readonly=True) as library:
        transcript = library.transcript()
        assert transcript
        return library.shots(), [balloon.text for page in transcript.pages for balloon in page.balloons]


def seconds(book: DrawnBook, name: str) -> float:
    return next(shot.seconds for shot in state(book)[0] if shot.id == name)


def test_never_mind_does_not_undo_a_plan_for_changed_pages(book: DrawnBook) -> None:
    say(book, "shot 2 slower")
    book.pages.insert(0, numbered_page(50, [0, 2]))
    plan(book)
    before = head(book)
    assert (before.kind, before.author) == ("rebase", "chat")
    turn = say(book, "never mind")
    assert (turn.report, turn.undone) == (None, ())
    assert head(book) == before


def test_never_mind_does_not_undo_a_correction_of_another_command(book: DrawnBook) -> None:
    say(book, "shot 2 slower")
    replan.correct_project(project(book), [fixes.parse_line(FIX)])
    before = state(book)
    assert say(book, "never mind").undone == ()
    assert state(book) == before


def test_never_mind_does_not_undo_edits_of_another_command(book: DrawnBook) -> None:
    say(book, "shot 2 slower")
    revise.revise(project(book), grammar.parse_lines("shot 3 slower"))
    before = head(book)
    assert say(book, "never mind").undone == ()
    assert head(book) == before


def test_never_mind_takes_back_a_message_with_a_correction_and_an_edit_as_a_whole(book: DrawnBook) -> None:
    say(book, "shot 3 slower")
    before = state(book)
    turn = say(book, f"{FIX}; {OTHER_FIX}; shot 2 slower; shot 1 dissolve", "never mind")
    assert len(turn.undone) == 2
    assert state(book) == before


def test_never_mind_takes_back_what_undo_has_left_of_the_last_message(book: DrawnBook) -> None:
    before = state(book)
    say(book, f"{FIX}; shot 2 slower")
    undo.undo(project(book))
    assert state(book) != before
    assert len(say(book, "never mind").undone) == 1
    assert state(book) == before
    assert say(book, "never mind").undone == ()


def test_again_repeats_what_a_person_asked_for_and_not_what_the_critic_changed(book: DrawnBook) -> None:
    first = seconds(book, "s002")
    say(book, "shot 2 slower")
    once = seconds(book, "s002")
    with Library.open(project(book)) as library:
        edit = grammar.parse_line("shot 5 seed 7")
        assert retakes.apply_critic_edits(library, [edit], "it flickered")  # type: ignore[list-item]
    assert head(book).kind == "retake"
    turn = say(book, "again")
    assert turn.report
    assert turn.report.summary == ("shot 2 slower",)
    assert seconds(book, "s002") / once == pytest.approx(once / first, rel=0.02)


def test_again_does_not_repeat_an_edit_of_an_earlier_plan_and_says_so(book: DrawnBook) -> None:
    say(book, "shot 2 slower")
    book.pages.insert(0, numbered_page(50, [0, 2]))
    plan(book)
    before = head(book)
    with pytest.raises(SettingsError, match="planned anew") as excinfo:
        say(book, "again")
    assert "shot 2 slower" in excinfo.value.hint
    assert head(book) == before
    assert say(book, "shot 3 slower", "again").report


def test_again_does_not_repeat_a_correction(book: DrawnBook) -> None:
    say(book, "shot 2 slower", FIX)
    before = state(book)
    with pytest.raises(SettingsError, match="corrected the reading"):
        say(book, "again")
    assert state(book) == before
