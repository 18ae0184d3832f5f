"""What archives of every format have in common: names and limits, from one generator for each format."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from storage.book_info import BookNote
from storage.errors import SourceError
from tests.tools.ingest.packing import Members, needs_libarchive, write_7z, write_rar, write_tar, write_zip
from tools.ingest import archives
from tools.ingest.archives import decode_names, printable_name
from tools.ingest.source_kinds import open_archive

WRITERS = [
    write_zip,
    write_tar,
    pytest.param(write_7z, marks=needs_libarchive),
    pytest.param(write_rar, marks=needs_libarchive),
]


@pytest.mark.parametrize("write", WRITERS)
def test_members_come_out_as_they_went_in_whatever_the_archive_is_called(
    tmp_path: Path, write: Callable[[Path, Members], Path]
) -> None:
    members = {"ch1/001.jpg": b"one" * 5000, "第２話/002.jpg": b"two", "empty.txt": b""}
    for name in ("book.cbr", "book.zip", "book"):
        with open_archive(write(tmp_path / name, members)) as archive:
            assert sorted(archive.names) == sorted(members)
            for member in ("第２話/002.jpg", "ch1/001.jpg", "empty.txt", "ch1/001.jpg"):
                assert archive.read(member) == members[member]
            assert archive.read_heads(["ch1/001.jpg", "empty.txt"]) == {
                "ch1/001.jpg": (b"one" * 22)[: archives.HEAD_BYTES],
                "empty.txt": b"",
            }
            assert archive.notes == ()


@pytest.mark.parametrize("write", WRITERS)
@pytest.mark.parametrize("name", ["../evil.jpg", "a/../../evil.jpg", "C:/evil.jpg"])
def test_members_that_leave_the_archive_are_refused_in_every_format(
    tmp_path: Path, write: Callable[[Path, Members], Path], name: str
) -> None:
    with pytest.raises(SourceError, match=r"evil\.jpg"):
        open_archive(write(tmp_path / "book.cbz", {"001.jpg": b"one", name: b"two"}))


@pytest.mark.parametrize("write", [*WRITERS[:2], WRITERS[3]])
def test_slashes_in_front_are_stripped_and_said(tmp_path: Path, write: Callable[[Path, Members], Path]) -> None:
    with open_archive(write(tmp_path / "book.cbz", {"/ch1/001.jpg": b"one", "002.jpg": b"two"})) as archive:
        assert sorted(archive.names) == ["002.jpg", "ch1/001.jpg"]
        assert archive.read("ch1/001.jpg") == b"one"
        assert archive.notes == (BookNote.of("stripped_slashes", ["ch1/001.jpg"]),)


def test_a_file_that_another_of_its_name_replaces_is_said(tmp_path: Path) -> None:
    with open_archive(write_zip(tmp_path / "book.cbz", {"/001.jpg": b"old", "001.jpg": b"new"})) as archive:
        assert archive.read("001.jpg") == b"new"
        assert BookNote.of("duplicate_names", ["001.jpg"]) in archive.notes


@pytest.mark.parametrize("write", WRITERS)
def test_reading_stops_at_the_bound_in_every_format(tmp_path: Path, write: Callable[[Path, Members], Path]) -> None:
    with open_archive(write(tmp_path / "book.cbz", {"ComicInfo.xml": bytes(5000)})) as archive:
        assert len(archive.read("ComicInfo.xml", 5000)) == 5000
        with pytest.raises(SourceError, match=r"ComicInfo\.xml"):
            archive.read("ComicInfo.xml", 4999)


def test_all_undeclared_names_are_decoded_in_one_encoding() -> None:
    names = ["第１話", "表紙", "001", "ソ"]
    raw: list[str | bytes] = [name.encode("cp932") for name in names]
    assert decode_names([*raw, "宣言"]) == ([*names, "宣言"], "cp932")
    assert decode_names([b"001.jpg", "第.jpg"]) == (["001.jpg", "第.jpg"], "")


def test_names_from_strangers_stay_on_one_line() -> None:
    assert printable_name("a\nb\x1b[31m\u202e.jpg") == "a\ufffdb\ufffd[31m\ufffd.jpg"
    assert printable_name("第１話.jpg") == "第１話.jpg"
    assert len(printable_name("x" * 9999)) == 300
