"""Test that each book of a folder gets its own project and paths, and that one failure stops no other book."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.scripting import batch, scripts
from agents.scripting.production import Production
from storage.errors import SettingsError
from tests.agents.scripting.test_production import room, script
from tests.conftest import draw_chapter

pytestmark = pytest.mark.film


__all__ = ["room"]


def test_chapters_go_on_after_a_failure_each_in_its_project(room: Path) -> None:
    books = room / "books"
    books.mkdir()
    draw_chapter(books / "two")
    (books / "ten.cbz").write_bytes(b"this is no archive")
    (books / "notes.txt").write_text("no book")
    asked = scripts.LoadedScript(script(room).script.model_copy(update={"transcript": "", "output": ""}), ())
    found: list[Production] = list(batch.batch(asked, books, jobs=2))
    assert [(one.project.name, bool(one.error)) for one in found] == [("ten.komadori", True), ("two.komadori", False)]
    assert (room / "two.komadori" / "films" / "two-16x9.mp4").exists()


def test_films_and_exports_of_chapters_need_a_name_of_their_own_before_anything_is_made(room: Path) -> None:
    books = room / "books"
    books.mkdir()
    draw_chapter(books / "one")
    export = '[[export]]\nwhat = ["srt"]\nto = "parts"\n'
    for text, line in {
        'height = 180\noutput = "out/{aspect}.mp4"\n': 2, f'output = "{{name}}.mp4"\n{export}': 4,
    }.items():  # fmt: skip
        (room / "film.toml").write_text(text)
        with pytest.raises(SettingsError, match=f"film.toml:{line}: the .* of all chapters would go to") as excinfo:
            list(batch.batch(scripts.load_script(room / "film.toml"), books))
        assert "{name}" in excinfo.value.hint
    assert not list(room.glob("*.komadori"))


def test_two_books_of_one_name_share_no_project(room: Path) -> None:
    books = room / "books"
    books.mkdir()
    for name in ("a.cbz", "A.pdf"):
        (books / name).write_bytes(b"")
    (room / "film.toml").write_text("height = 180\n")
    with pytest.raises(SettingsError, match="would both be the project"):
        batch.scripts_of(scripts.load_script(room / "film.toml"), books)
