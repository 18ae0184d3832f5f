"""Test that a run which stops while it rebases edits leaves them in force, and that the next run carries them over."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.editing import rebase
from storage.library import Library
from storage.records import Revision
from tests.agents.editing.test_rebase import edit, ids, plan, project, shots
from tests.drawn_books import DrawnBook, numbered_page


@pytest.fixture
def book(tmp_path: Path) -> DrawnBook:
    """Draw two pages of three panels: shots 1-3 and 4-6."""
    return DrawnBook(tmp_path / "book", [numbered_page(10 * n, [3, 0, 5]) for n in (1, 2)])


def revisions(book: DrawnBook) -> tuple[int, tuple[Revision, ...]]:
    with Library.open(project(book), readonly=True) as library:
        head = library.head()
        assert head
        return head.number, library.revisions()


def turn_page(book: DrawnBook) -> str:
    """Edit a planned film and insert a page, and return the function of `rebase` that the next run calls."""
    plan(book)
    edit(book, "shot 5 drop", "shot 4 lock", "shot 6 slower")
    book.pages.insert(0, numbered_page(50, [1]))
    return "replay_edits"


def turn_aspect(book: DrawnBook) -> str:
    """Edit a film in another aspect ratio, and return the function of `rebase` that a run in the first one calls."""
    plan(book)
    edit(book, "film aspect 1:1")
    edit(book, "shot 5 lock", "shot 6 dissolve")
    return "reframe_all"


def plan_until(book: DrawnBook, step: str) -> None:
    """Plan in this process, and kill it where `rebase` calls `step`."""
    setattr(rebase, step, lambda *_, **__: os.kill(os.getpid(), signal.SIGKILL))
    plan(book)


@pytest.mark.parametrize("turn", [turn_page, turn_aspect])
@pytest.mark.parametrize("is_killed", [False, True])
def test_a_run_that_stops_while_it_rebases_loses_no_edit(
    book: DrawnBook, turn: Callable[[DrawnBook], str], is_killed: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    step = turn(book)
    before, was = revisions(book), shots(book)
    if is_killed:
        process = multiprocessing.get_context("spawn").Process(target=plan_until, args=(book, step))
        process.start()
        process.join()
        assert process.exitcode == -signal.SIGKILL
    else:
        with monkeypatch.context() as patch:
            patch.setattr(rebase, step, lambda *_, **__: 1 / 0)
            with pytest.raises(ZeroDivisionError):
                plan(book)
    assert (revisions(book), shots(book)) == (before, was)
    after = plan(book)
    assert [shot.id for shot in after if shot.locked] == [shot.id for shot in was if shot.locked]
    assert set(ids(after)) >= set(ids(was))
    assert {shot.id: shot.transition for shot in was}.items() <= {shot.id: shot.transition for shot in after}.items()
    head, line = revisions(book)
    assert line[-1].number == head
    assert (line[-1].kind, line[-1].origin) == ("rebase", before[0])
    assert plan(book) == after
