"""Test that a project is named after its book and never replaces the project of another book."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents.project_path import book_name, project_for
from agents.scripting import batch, checks, scripts
from komadori import open_project
from storage.errors import ProjectError


def test_a_book_of_the_same_name_takes_no_other_books_project(
    finished: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "chapter.komadori").symlink_to(finished / "chapter.komadori")
    assert project_for(finished / "chapter", cure="") == Path("chapter.komadori")
    assert open_project(finished / "chapter").folder == Path("chapter.komadori")
    other = tmp_path / "elsewhere" / "chapter"
    other.parent.mkdir()
    (other.with_suffix(".cbz")).write_bytes(b"")
    (tmp_path / "film.toml").write_text(f'source = "{other}.cbz"\noutput = "{{name}}.mp4"\n')
    loaded = scripts.load_script(tmp_path / "film.toml")
    for attempt in (
        lambda: open_project(other.with_suffix(".cbz")),
        lambda: checks.project_of(loaded.script),
        lambda: batch.scripts_of(loaded, other.parent),
    ):
        with pytest.raises(ProjectError, match=r"chapter\.komadori is the film of") as told:
            attempt()
        assert told.value.hint


def test_a_name_is_that_of_the_book() -> None:
    assert [book_name(Path(said)) for said in ("vol 1.cbz", "a.b.pdf", "")] == ["vol 1", "a.b", Path().resolve().name]
