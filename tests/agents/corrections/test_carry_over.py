"""Test that corrections of a page survive a retouch of its picture, and that those that cannot are named."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import run
from agents.corrections import carry_over, grammar, replan
from agents.editing import undo
from storage.domain import PageTranscript, Transcript
from storage.library import Library
from tests.drawn_books import SETTINGS, DrawnBook, numbered_page

FIXES = ('page 2 text 1 "so it is"', "page 2 kind 2 thought", "page 2 swap panels 1 2", "page 2 speaker 1 mika")


@pytest.fixture
def book(tmp_path: Path) -> DrawnBook:
    """Draw two pages of three panels, read and planned."""
    book = DrawnBook(tmp_path / "book", [numbered_page(10, [3, 0, 5]), numbered_page(20, [4, 0, 6])])
    plan(book)
    return book


def project(book: DrawnBook) -> Path:
    return book.folder.with_suffix(".komadori")


def plan(book: DrawnBook) -> None:
    run.plan(project(book), SETTINGS, run.RunOptions(book.write()))


def fix(book: DrawnBook, *lines: str) -> None:
    replan.correct_project(project(book), [grammar.parse_line(line) for line in lines])


def reading(book: DrawnBook) -> Transcript:
    with Library.open(project(book), readonly=True) as library:
        found = library.transcript()
    assert found
    return found


def page(book: DrawnBook, index: int) -> PageTranscript:
    return reading(book).pages[index]


def notes(book: DrawnBook) -> list[str]:
    """Return what was reported as lost."""
    with Library.open(project(book), readonly=True) as library:
        return [event.text for event in library.events(kinds={"note"}) if event.text.startswith("not carried over")]


def test_a_page_that_reads_as_before_keeps_all_its_corrections(book: DrawnBook) -> None:
    fix(book, *FIXES)
    before = page(book, 1)
    book.stained.add(1)
    plan(book)
    assert page(book, 1) == before
    book.change_panel(1, 2, seed=99)
    plan(book)
    assert page(book, 1) == before
    book.pages.insert(0, numbered_page(50, [1]))
    book.stained = set()
    book.change_panel(2, 0, specks=4)
    plan(book)
    assert page(book, 2).balloons[0].text == before.balloons[0].text
    assert [panel.box for panel in page(book, 2).panels] == [panel.box for panel in before.panels]
    assert notes(book) == []


def test_a_balloon_that_is_lettered_anew_is_read_anew_and_named_and_the_others_stay(book: DrawnBook) -> None:
    fix(book, 'page 2 text 1 "so it is"', 'page 2 text 2 "and so on"', "page 2 kind 2 thought")
    book.change_panel(1, 0, words=60)
    plan(book)
    texts = page(book, 1).balloons
    assert texts[0].text == " ".join(["word"] * 60)
    assert (texts[1].text, texts[1].kind) == ("and so on", "thought")
    assert len(notes(book)) == 1
    assert 'page 2 text 1 "so it is"' in notes(book)[0], "the command that does it again"
    book.change_panel(1, 2, words=0)
    plan(book)
    assert len(page(book, 1).balloons) == 1
    assert len(notes(book)) == 3


def test_a_corrected_picture_whose_file_is_gone_or_damaged_stops_no_run(book: DrawnBook) -> None:
    fix(book, 'page 1 text 1 "one"', 'page 2 text 1 "two"')
    with Library.open(project(book), readonly=True) as library:
        gone, damaged = (library.artifacts.open(page.artifact) for page in library.pages())
    gone.unlink()
    damaged.chmod(0o644)
    damaged.write_bytes(b"no picture")
    book.pages = [numbered_page(30, [3, 0, 5]), numbered_page(40, [4, 0, 6])]
    plan(book)
    texts = [page.balloons[0].text for page in reading(book).pages]
    assert texts == [" ".join(["word"] * 3), " ".join(["word"] * 4)], (
        "no picture is known that they would be corrected from"
    )


def test_undo_goes_back_to_the_picture_and_the_corrections_of_before(book: DrawnBook) -> None:
    fix(book, *FIXES)
    before = reading(book)
    book.change_panel(1, 1, specks=2)
    book.change_panel(0, 2, words=9)
    plan(book)
    after = reading(book)
    assert after != before
    undo.undo(project(book))
    assert reading(book) == before
    undo.redo(project(book))
    assert reading(book) == after
    undo.undo(project(book), steps=2)
    assert page(book, 1).balloons[0].speaker is None


def test_fix_undo_takes_back_a_correction_and_not_the_retouch(book: DrawnBook) -> None:
    fix(book, 'page 2 text 1 "one"')
    fix(book, 'page 2 text 2 "two"')
    book.stained.add(1)
    plan(book)
    replan.undo(project(book))
    assert [text.text for text in page(book, 1).balloons] == ["one", " ".join(["word"] * 6)]
    replan.undo(project(book))
    assert page(book, 1).balloons[0].text == " ".join(["word"] * 4)


def test_a_correction_stays_with_a_project_that_is_only_read(tmp_path: Path) -> None:
    book = DrawnBook(tmp_path / "book", [numbered_page(10, [3, 0]), numbered_page(20, [4, 0])])

    def read() -> None:
        run.transcribe(book.write(), SETTINGS, project=project(book))

    read()
    fix(book, 'page 1 text 1 "so"')
    book.pages.reverse()
    book.stained = {1}
    read()
    assert page(book, 1).balloons[0].text == "so"
    read()
    assert page(book, 1).balloons[0].text == "so"


def test_each_kind_of_correction_finds_its_counterpart_on_another_layout(book: DrawnBook) -> None:
    """A panel was added by the artist, so that the page does not read as before."""
    base = page(book, 1)
    lines = (
        "page 2 delete panel 3", "page 2 add panel 12,12,140,60", "page 2 add balloon 150,20,250,60 speech \"new\"",
        "page 2 delete balloon 2", 'page 2 text 1 "so it is"', "page 2 kind 1 caption",
    )  # fmt: skip
    fix(book, *lines)
    ours = page(book, 1)
    extra = base.panels[2].model_copy(update={"id": "p1-3", "order": 3, "box": (20.0, 300.0, 60.0, 330.0)})
    fresh = PageTranscript.model_validate(
        {**base.model_dump(), "panels": [*base.model_dump()["panels"], extra.model_dump()]}
    )
    found = carry_over.carry_over(base, ours, fresh, "ltr")
    assert found.lost == ()
    assert len(found.page.panels) == len(ours.panels) + 1
    assert {text.text for text in found.page.balloons} == {text.text for text in ours.balloons}
    unknown = carry_over.carry_over(None, ours, fresh, "ltr")
    assert unknown.page == fresh
    assert unknown.lost
