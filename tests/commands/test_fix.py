"""Test `fix` as a person types it: its messages, what it stores in the project, and its HTML page."""

from __future__ import annotations

import shutil
from pathlib import Path

import pytest

from agents.corrections.grammar import FORMS
from agents.corrections.replan import correct_project
from commands.cli.help_texts import FIX
from main import main
from storage.domain import Transcript
from storage.library import Library
from tests.agents.corrections.test_replan import project
from tests.agents.test_corrections import book
from tests.conftest import draw_chapter


@pytest.fixture(scope="module")
def read_once(tmp_path_factory: pytest.TempPathFactory) -> Path:
    room = tmp_path_factory.mktemp("read")
    return project(room, draw_chapter(room / "chapter"), book())


@pytest.fixture
def folder(read_once: Path, tmp_path: Path) -> Path:
    """A project that has read two pages with a transcript given by hand."""
    return shutil.copytree(read_once, tmp_path / read_once.name)


def reading(folder: Path) -> Transcript:
    with Library.open(folder, readonly=True) as library:
        found = library.transcript()
    assert found
    return found


def test_it_says_what_it_changed_and_undoes_it(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before = reading(folder)
    assert main(["fix", str(folder), "page 1 split panel 4 at x half", 'page 1 text 1 "good day"']) == 0
    said = capsys.readouterr().out
    assert "page 1 split panel 4 at x half (page 1 has 5 panels, 3 balloons now)" in said
    assert 'page 1 text 1 "good day"' in said
    assert "none are planned yet" in said
    assert reading(folder).pages[0].balloons[0].text == "good day"
    assert main(["fix", str(folder), "undo", "undo"]) == 0
    assert "undone      page 1 split panel 4 at x half" in capsys.readouterr().out
    assert reading(folder) == before
    assert main(["fix", str(folder), "redo"]) == 0
    assert len(reading(folder).pages[0].panels) == 5


def test_words_without_quotes_are_one_fix(folder: Path) -> None:
    assert main(["fix", str(folder), "page", "1", "swap", "panels", "1", "2"]) == 0
    assert [panel.box.y0 for panel in reading(folder).pages[0].panels] == [220, 20, 220, 440]
    assert main(["fix", str(folder), "rename", "mika", "Mika"]) == 0
    assert [character.name for character in reading(folder).cast] == ["kid", "Mika"]


def test_the_list_shows_what_is_in_force_and_what_was_undone(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    main(["fix", str(folder), "page 1 delete panel 4"])
    main(["fix", str(folder), "undo"])
    capsys.readouterr()
    for words in ([], ["list"]):
        assert main(["fix", str(folder), *words]) == 0
        first, second, total = capsys.readouterr().out.splitlines()
        assert first.startswith("*   1 ")
        assert first.endswith("hand    transcript by hand: page 1, 2")
        assert second.startswith("    2 ")
        assert second.endswith("page 1 delete panel 4")
        assert total == "1 of 2 corrections are in force (*)"


@pytest.mark.parametrize(
    ("words", "what", "hint"),
    [
        (["page 1 swap panels 1 9"], "page 1 has no panel 9", "page 1 has panels 1 to 4"),
        (["page 1 swop panels 1 2"], "this is no fix", "all forms: main.py fix --help"),
        (["undo", "page 1 delete panel 1"], "do not go together", "undo, redo and list each stand by themselves"),
        (["list", "page 1 delete panel 1"], "do not go together", "undo, redo and list each stand by themselves"),
        (["redo"], "no correction to redo", "newest"),
    ],
)
def test_what_cannot_be_done_changes_nothing_and_says_the_cure(
    folder: Path, capsys: pytest.CaptureFixture[str], words: list[str], what: str, hint: str
) -> None:
    before = reading(folder)
    assert main(["fix", str(folder), *words]) == 2
    error, cure = capsys.readouterr().err.strip().splitlines()[-2:]
    assert error.startswith("error: ")
    assert what in error
    assert hint in cure
    assert reading(folder) == before


def test_the_help_shows_every_form() -> None:
    for form in FORMS:
        assert form.example in FIX


def test_the_pages_are_shown_as_they_are_read_after_it(folder: Path, tmp_path: Path) -> None:
    place = tmp_path / "look" / "pages.html"
    assert main(["fix", str(folder), 'page 1 text 1 "<b>&"', "--html", str(place)]) == 0
    html = place.read_text(encoding="utf-8")
    assert html.count("<svg") == 2
    assert "&lt;b&gt;&amp;" in html
    assert "corrected by hand" in html
    assert correct_project(folder, []).summary == ()
