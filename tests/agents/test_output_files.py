"""Test that output files are written completely or not at all, and that impossible paths are refused beforehand."""

from __future__ import annotations

from pathlib import Path

import pytest

from agents import film_delivery, output_files
from storage.domain import VideoFormat
from storage.errors import KomadoriError, ProjectError, StorageError
from storage.library import Library


def test_files_are_put_all_of_them_or_none(tmp_path: Path) -> None:
    (tmp_path / "one.txt").write_text("old")
    (tmp_path / "folder").mkdir()
    for bad in (tmp_path / "folder", tmp_path / "one.txt" / "two.txt"):
        with pytest.raises(StorageError):
            output_files.write_files({tmp_path / "one.txt": "new", bad: "never"})
    assert (tmp_path / "one.txt").read_text() == "old"
    output_files.write_files(
        {tmp_path / "one.txt": "é", tmp_path / "a" / "b.bin": b"\0", tmp_path / "c": tmp_path / "one.txt"}
    )
    assert (tmp_path / "one.txt").read_bytes() == "é".encode()
    assert (tmp_path / "a" / "b.bin").read_bytes() == b"\0"
    assert (tmp_path / "c").read_text() == "old"
    assert not [path for path in tmp_path.rglob("*") if path.suffix == ".part"]


@pytest.mark.parametrize(
    ("given", "place"), [("film.mp4", "film.mp4"), ("film", "film.mp4"), ("FILM.MP4", "FILM.MP4"), ("a/b", "a/b.mp4")]
)
def test_a_film_gets_the_suffix_that_was_forgotten(given: str, place: str, tmp_path: Path) -> None:
    assert output_files.film_path(tmp_path / given) == tmp_path / place
    assert not list(tmp_path.iterdir())


def test_a_place_that_cannot_hold_a_film_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    for place in (tmp_path, tmp_path / "page.png", tmp_path / "file" / "film.mp4", tmp_path / "file" / "a" / "film"):
        with pytest.raises(KomadoriError):
            output_files.film_path(place)
    assert output_files.film_path(None) is None


def test_there_is_no_film_to_deliver_before_one_is_made(tmp_path: Path) -> None:
    with (
        Library.open(tmp_path / "book.komadori", create=True) as library,
        pytest.raises(ProjectError, match="there is no film"),
    ):
        film_delivery.deliver_film(library, None, VideoFormat())


def test_names_as_long_as_the_disk_allows_are_written_and_longer_ones_refused(tmp_path: Path) -> None:
    longest = tmp_path / ("n" * 251 + ".mp4")
    assert output_files.film_path(longest) == longest
    output_files.write_files({longest: b"film"})
    assert [path.name for path in tmp_path.iterdir()] == [longest.name]
    for place in (tmp_path / ("n" * 252 + ".mp4"), tmp_path / ("n" * 252), tmp_path / ("n" * 300) / "film.mp4"):
        with pytest.raises(StorageError):
            output_files.film_path(place)
