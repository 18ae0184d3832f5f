"""Test that a project remembers where its films go, for each aspect ratio, and never writes over another film."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from agents.film_delivery import DELIVERED, deliver_film, film_place, remembered_place
from storage.domain import VideoFormat
from storage.errors import StorageError
from storage.library import Library

WIDE, TALL = VideoFormat(width=320, height=180), VideoFormat(width=180, height=320)


@pytest.fixture
def project(finished: Path, tmp_path: Path) -> Path:
    """A copy of a finished project without the film beside it: it does not know the film of the original."""
    return shutil.copytree(finished / "chapter.komadori", tmp_path / "one" / "chapter.komadori")


def deliver(project: Path, output: Path | None = None, screen: VideoFormat = WIDE) -> Path:
    with Library.open(project) as library:
        return deliver_film(library, output, screen)


def place_of(project: Path, screen: VideoFormat = WIDE) -> Path:
    with Library.open(project, readonly=True) as library:
        return film_place(library, screen)


def test_the_last_place_that_was_named_is_remembered_from_any_folder(
    project: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert deliver(project) == project / "films" / "chapter.mp4"
    monkeypatch.chdir(tmp_path)
    deliver(Path("one/chapter.komadori"), Path("watched.mp4"))
    (tmp_path / "watched.mp4").write_text("old")
    monkeypatch.chdir("/")
    assert deliver(project) == tmp_path / "watched.mp4"
    assert (tmp_path / "watched.mp4").read_bytes() == (project / "films" / "chapter.mp4").read_bytes()
    deliver(project, tmp_path / "later.mp4")
    assert place_of(project) == tmp_path / "later.mp4"
    with Library.open(project, readonly=True) as library:
        count = len(library.events(kinds={DELIVERED}))
    deliver(project)
    with Library.open(project, readonly=True) as library:
        assert len(library.events(kinds={DELIVERED})) == count


def test_every_aspect_has_a_file_of_its_own(project: Path, tmp_path: Path) -> None:
    deliver(project)
    assert deliver(project, screen=TALL) == project / "films" / "chapter-9x16.mp4"
    deliver(project, tmp_path / "tall.mp4", TALL)
    assert (place_of(project), place_of(project, TALL)) == (project / "films" / "chapter.mp4", tmp_path / "tall.mp4")


def test_a_place_whose_folder_is_gone_is_an_error_and_the_film_is_kept(project: Path, tmp_path: Path) -> None:
    (tmp_path / "stick").mkdir()
    deliver(project, tmp_path / "stick" / "film.mp4")
    shutil.rmtree(tmp_path / "stick")
    with pytest.raises(StorageError) as refused:
        deliver(project)
    kept = project / "films" / "chapter.mp4"
    assert str(kept) in refused.value.hint
    assert kept.stat().st_size > 1000
    assert not (tmp_path / "stick").exists()
    assert place_of(project) == tmp_path / "stick" / "film.mp4"
    deliver(project, tmp_path / "new.mp4")
    assert deliver(project) == tmp_path / "new.mp4"


def test_a_named_place_that_can_no_longer_be_written_is_an_error_and_the_film_is_kept(
    project: Path, tmp_path: Path
) -> None:
    (tmp_path / "stick").write_text("a file since the film was begun")
    with pytest.raises(StorageError) as refused:
        deliver(project, tmp_path / "stick" / "film.mp4")
    kept = project / "films" / "chapter.mp4"
    assert str(kept) in refused.value.hint
    assert kept.stat().st_size > 1000
    assert place_of(project) == kept


@pytest.mark.parametrize(
    ("change", "place"),
    [
        (lambda one, two: one.rename(two), "two/film.mp4"),  # all of it moved
        (shutil.copytree, "two/film.mp4"),  # all of it copied
        (lambda one, two: shutil.move(one / "chapter.komadori", two / "chapter.komadori"), "one/film.mp4"),
        (lambda one, two: shutil.copytree(one / "chapter.komadori", two / "chapter.komadori"), None),
    ],
    ids=["moved", "copied", "project moved", "project copied"],
)
def test_a_project_that_was_moved_or_copied_finds_its_own_film(
    change: Callable[[Path, Path], object], place: str | None, project: Path, tmp_path: Path
) -> None:
    deliver(project, tmp_path / "one" / "film.mp4")
    if place != "two/film.mp4":
        (tmp_path / "two").mkdir()
    change(tmp_path / "one", tmp_path / "two")
    with Library.open(tmp_path / "two" / "chapter.komadori", readonly=True) as library:
        assert remembered_place(library, WIDE.aspect_name) == (tmp_path / place if place else None)


@pytest.mark.skipif(os.name == "nt", reason="names are text there")
def test_a_name_that_is_no_text_is_remembered(project: Path, tmp_path: Path) -> None:
    film = tmp_path / os.fsdecode(b"na\xefve.mp4")
    deliver(project, film)
    assert deliver(project) == film
    assert film.with_suffix(".srt").exists()
