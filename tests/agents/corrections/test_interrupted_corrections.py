"""Test that corrections whose command is stopped at any write are there as a whole or not at all, and lose none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from itertools import count
from pathlib import Path
from shutil import copytree, rmtree

import pytest
from sqlalchemy.engine import Connection

from agents import graph, run
from agents.corrections import replan
from agents.editing import undo
from storage.database import Database
from storage.library import Library
from tests.agents.corrections.test_carry_over import fix, plan, project, reading
from tests.agents.editing.test_rebase import edit, shots
from tests.drawn_books import SETTINGS, DrawnBook, numbered_page


class Stopped(BaseException):
    """The process is gone: nothing is written any more, and nobody handles it."""


@pytest.fixture
def book(tmp_path: Path) -> DrawnBook:
    """Draw two pages of three panels, read and planned: shots 1-3 and 4-6."""
    book = DrawnBook(tmp_path / "book", [numbered_page(10, [3, 0, 5]), numbered_page(20, [4, 0, 6])])
    plan(book)
    return book


@contextmanager
def stopped_at(write: int) -> Iterator[None]:
    """Let the process end at one of its writes to the database, counted from 0."""
    with pytest.MonkeyPatch.context() as patch:
        real, writes = Database.writing, count()

        @contextmanager
        def writing(database: Database) -> Iterator[Connection]:
            if next(writes) >= write:
                raise Stopped
            with real(database) as connection:
                yield connection

        patch.setattr(Database, "writing", writing)
        yield


def stops(book: DrawnBook, change: Callable[[], object]) -> Iterator[int]:
    """Stop a change at each of its writes, each time on the same project, and yield the number of the write."""
    begun = project(book).with_name("begun")
    copytree(project(book), begun)
    for write in count():
        rmtree(project(book))
        copytree(begun, project(book))
        try:
            with stopped_at(write):
                change()
        except Stopped:
            yield write
        else:
            return


def texts(book: DrawnBook) -> list[str]:
    return [balloon.text for page in reading(book).pages for balloon in page.balloons]


def in_force(book: DrawnBook) -> tuple[int | None, int | None]:
    """Return the numbers of the corrections and of the revision in force."""
    with Library.open(project(book), readonly=True) as library:
        correction, head = library.correction(), library.head()
        return correction.number if correction else None, head.number if head else None


def test_corrections_of_one_command_are_stored_together(book: DrawnBook) -> None:
    before, done = texts(book), ["one", *texts(book)[1:2], "two", *texts(book)[3:]]
    found = []
    for _ in stops(book, lambda: fix(book, 'page 1 text 1 "one"', 'page 2 text 1 "two"')):
        plan(book)
        found.append(texts(book))
    assert found[0] == before
    assert done in found
    assert all(left in (before, done) for left in found)


def test_a_correction_that_was_stopped_is_not_taken_back_by_the_next_one(book: DrawnBook) -> None:
    for write in stops(book, lambda: fix(book, 'page 1 text 1 "one"')):
        fix(book, 'page 1 text 2 "two"')
        assert texts(book)[1] == "two"
        assert (texts(book)[0] == "one") == (write > 0), "it is stored by the first write"


def test_undo_of_a_correction_loses_no_earlier_one_that_was_carried_over(book: DrawnBook) -> None:
    fix(book, 'page 2 text 1 "so"')
    fix(book, 'page 2 text 2 "it is"')
    book.change_panel(1, 1, specks=4)
    plan(book)
    before = texts(book)
    assert before[2:] == ["so", "it is"]
    undone = [*before[:3], " ".join(["word"] * 6)]
    for _ in stops(book, lambda: replan.undo(project(book))):
        plan(book)
        assert texts(book) in (before, undone)
    assert texts(book) == undone
    replan.redo(project(book))
    assert texts(book) == before


def test_a_correction_after_a_retouched_page_can_be_undone_and_redone(book: DrawnBook) -> None:
    fix(book, 'page 2 text 1 "so"')
    book.change_panel(1, 1, specks=4)
    plan(book)
    fix(book, 'page 2 text 2 "it is"')
    before = texts(book)
    replan.undo(project(book))
    assert texts(book) != before
    replan.redo(project(book))
    assert texts(book) == before


def test_a_correction_of_a_book_that_was_only_read_is_not_taken_back_by_the_next_one(tmp_path: Path) -> None:
    book = DrawnBook(tmp_path / "book", [numbered_page(10, [3, 0, 5])])
    run.transcribe(book.write(), SETTINGS, project=project(book))
    found = set()
    for _ in stops(book, lambda: fix(book, 'page 1 text 1 "one"')):
        is_stored = in_force(book)[0] is not None
        fix(book, 'page 1 text 2 "two"')
        assert texts(book)[1] == "two"
        assert (texts(book)[0] == "one") == is_stored
        found.add(is_stored)
    assert found == {True, False}


def test_undo_to_a_plan_without_inputs_moves_storyboard_and_corrections_together(
    book: DrawnBook, monkeypatch: pytest.MonkeyPatch
) -> None:
    fix(book, 'page 1 text 1 "one"')
    monkeypatch.setattr(Library, "plan_inputs", lambda library, number: None)  # as in projects of older versions
    found = {in_force(book)}
    for _ in stops(book, lambda: undo.undo(project(book))):
        found.add(in_force(book))
    assert found == {(1, 2), (None, 1)}


@pytest.mark.parametrize("line", ["shot 3 drop balloon 1", "shot 3 on balloon 1", "shot 3 zoom 2"])
def test_a_plan_is_edited_as_it_was_read_when_a_run_stopped_before_it_planned_anew(
    book: DrawnBook, line: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The balloon of shot 3 has another id in the transcript of now, as balloons are numbered on their page."""

    def stop(*_: object) -> None:
        raise Stopped

    with monkeypatch.context() as patch:
        patch.setitem(graph.STAGES, "storyboard", stop)
        with pytest.raises(Stopped):
            fix(book, "page 1 delete balloon 1")
    assert [(balloon.id, balloon.panel) for balloon in reading(book).pages[0].balloons] == [("t0-0", "p0-2")]
    edit(book, line)
    edited = shots(book)[2]
    plan(book)
    now = shots(book)[2]
    assert (now.id, now.camera[0].box, len(now.balloons)) == (edited.id, edited.camera[0].box, len(edited.balloons))
    with Library.open(project(book), readonly=True) as library:
        head = library.head()
        assert head
        assert head.lost == ()
