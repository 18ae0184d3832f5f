"""Zip files made by hand, ordinary and malicious: ordinary members are read and malicious archives are refused."""

from __future__ import annotations

import stat
import struct
import zipfile
from pathlib import Path

import pytest

from storage.book_info import BookNote
from storage.errors import SourceDamaged, SourceError
from tests.tools.ingest import packing
from tools.ingest import archives
from tools.ingest.zip_archives import ZipArchive


def write_zip(path: Path, members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> Path:
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, data in members.items():
            archive.writestr(zipfile.ZipInfo(name), data, method)
    return path


def patch_headers(path: Path, *, flags: int = 0, claimed: int | None = None) -> Path:
    """Set flag bits, or the unpacked size, of the only member in both of its headers."""
    data = bytearray(path.read_bytes())
    for magic, flag_at, size_at in ((b"PK\x03\x04", 6, 22), (b"PK\x01\x02", 8, 24)):
        start = data.index(magic)
        (before,) = struct.unpack_from("<H", data, start + flag_at)
        struct.pack_into("<H", data, start + flag_at, before | flags)
        if claimed is not None:
            struct.pack_into("<I", data, start + size_at, claimed)
    path.write_bytes(data)
    return path


def refusal(path: Path, name: str = "") -> str:
    with pytest.raises(SourceError) as caught, ZipArchive(path) as archive:
        archive.read(name)
    assert caught.value.hint
    assert path.name in caught.value.what
    return caught.value.what


def test_members_come_out_as_they_went_in(tmp_path: Path) -> None:
    book = write_zip(tmp_path / "book.cbz", {"ch1/": b"", "ch1/001.jpg": b"one", "./ch1//002.jpg": b"two"})
    with ZipArchive(book) as archive:
        assert archive.names == ("ch1/001.jpg", "ch1/002.jpg")
        assert archive.read("ch1/002.jpg") == b"two"
        assert "ch1/001.jpg" in archive
        assert "ch1/" not in archive


def test_backslashes_of_windows_are_folders(tmp_path: Path) -> None:
    path = write_zip(tmp_path / "book.cbz", {"ch1#001.jpg": b"one"})
    path.write_bytes(path.read_bytes().replace(b"ch1#001.jpg", b"ch1\\001.jpg"))
    with ZipArchive(path) as archive:
        assert archive.names == ("ch1/001.jpg",)


def test_half_a_japanese_letter_is_no_folder(tmp_path: Path) -> None:
    cover = "表紙.jpg".encode("cp932")
    assert b"\\" in cover
    path = write_zip(tmp_path / "book.cbz", {"#" * len(cover): b"cover"})
    path.write_bytes(path.read_bytes().replace(b"#" * len(cover), cover))
    with ZipArchive(path) as archive:
        assert archive.names == ("表紙.jpg",)
        assert archive.read("表紙.jpg") == b"cover"


def test_names_that_are_not_what_the_archive_declares_are_no_damage(tmp_path: Path) -> None:
    path = patch_headers(write_zip(tmp_path / "a.cbz", {"first.png": b"1"}), flags=0x800)
    path.write_bytes(path.read_bytes().replace(b"first", "第1".encode("cp932") + b"ab"))
    with pytest.raises(SourceError) as caught:
        ZipArchive(path)
    assert not isinstance(caught.value, SourceDamaged), "fetching it again would not help"


@pytest.mark.parametrize(
    "name",
    ["../evil.jpg", "a/../../evil.jpg", "/../evil.jpg", "..\\evil.jpg", "C:\\evil.jpg", ".."],
)
def test_members_that_leave_the_archive_are_named_and_refused(tmp_path: Path, name: str) -> None:
    book = write_zip(tmp_path / "book.cbz", {"001.jpg": b"one", name: b"two"})
    assert name in refusal(book, "001.jpg")


def test_links_are_refused(tmp_path: Path) -> None:
    book = tmp_path / "book.cbz"
    link = zipfile.ZipInfo("001.jpg")
    link.create_system = 3
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    with zipfile.ZipFile(book, "w") as archive:
        archive.writestr(link, "/etc/passwd")
    assert "001.jpg" in refusal(book)


def test_an_encrypted_archive_is_refused_when_opened(tmp_path: Path) -> None:
    book = patch_headers(write_zip(tmp_path / "book.cbz", {"001.jpg": b"one"}), flags=0x1)
    assert "encrypted" in refusal(book)


def test_a_bomb_is_refused_when_opened_by_what_it_claims(tmp_path: Path) -> None:
    book = write_zip(tmp_path / "bomb.cbz", {"001.bmp": bytes(64 * 2**20)})
    assert book.stat().st_size < 100_000
    assert "unpacks to far more" in refusal(book)


def test_a_bomb_in_one_member_is_refused_while_it_unpacks(tmp_path: Path) -> None:
    book = write_zip(tmp_path / "bomb.cbz", {"001.bmp": bytes(40 * 2**20)})
    with zipfile.ZipFile(book, "a", zipfile.ZIP_STORED) as archive:
        archive.writestr("honest.bin", bytes(2**20))  # the sum of the book looks honest
    with ZipArchive(book) as archive, pytest.raises(SourceError, match=r"001\.bmp unpacks to far more"):
        archive.read("001.bmp")


def test_a_size_that_lies_gives_no_page(tmp_path: Path) -> None:
    book = patch_headers(write_zip(tmp_path / "liar.cbz", {"001.bmp": bytes(range(250)) * 4}), claimed=10)
    assert "001.bmp is damaged" in refusal(book, "001.bmp")


def test_reading_stops_at_the_bound(tmp_path: Path) -> None:
    book = write_zip(tmp_path / "book.cbz", {"ComicInfo.xml": bytes(5000)})
    with ZipArchive(book) as archive:
        assert len(archive.read("ComicInfo.xml", 5000)) == 5000
        with pytest.raises(SourceError, match=r"ComicInfo\.xml"):
            archive.read("ComicInfo.xml", 4999)


@pytest.mark.parametrize("method", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
def test_packers_without_a_bound_on_memory_are_refused(tmp_path: Path, method: int) -> None:
    book = write_zip(tmp_path / "book.cbz", {"001.jpg": b"one"}, method)
    assert "unusual" in refusal(book, "001.jpg")


def test_too_many_files_are_refused(tmp_path: Path) -> None:
    book = tmp_path / "book.cbz"
    with zipfile.ZipFile(book, "w") as archive:
        for number in range(archives.MAX_FILES + 1):
            archive.writestr(zipfile.ZipInfo(str(number)), b"")
    assert "more than 10000 files" in refusal(book)


def test_damage_is_named_wherever_it_is(tmp_path: Path) -> None:
    whole = write_zip(tmp_path / "whole.cbz", {"001.jpg": bytes(range(256)) * 40}, zipfile.ZIP_STORED).read_bytes()
    book = tmp_path / "book.cbz"
    for data in (whole[:5000], whole[-3000:], b"PK\x03\x04", b"PK\x05\x06", b"no zip", b""):
        book.write_bytes(data)
        assert "damaged" in refusal(book, "001.jpg")
    book.write_bytes(whole[:2000] + b"?" + whole[2001:])
    assert "001.jpg is damaged" in refusal(book, "001.jpg")


def test_a_member_that_is_gone_is_named(tmp_path: Path) -> None:
    assert "002.jpg" in refusal(write_zip(tmp_path / "book.cbz", {"001.jpg": b"one"}), "002.jpg")


@pytest.mark.parametrize(
    ("encoding", "names"),
    [
        ("cp932", ["第１話/００１.png", "第２話/００１.png", "第１０話/００１.png"]),
        ("cp932", ["ソ連/表紙.png", "予告.png"]),
        ("gb18030", ["第1话/001.png", "封面.png"]),
        ("cp949", ["제1화/001.png", "표지.png"]),
        ("cp950", ["第1話/001.png", "封面.png"]),
        ("cp437", ["Bücher/Über den Wolken 01.png"]),
        ("cp866", ["Глава 1/001.png", "Глава 2/001.png"]),
        ("utf-8", ["第1話/001.png", "Été/001.png"]),
    ],
)
def test_undeclared_names_are_read_as_they_were_written(tmp_path: Path, encoding: str, names: list[str]) -> None:
    with ZipArchive(packing.write_zip(tmp_path / "book.cbz", {name: b"" for name in names}, encoding)) as archive:
        assert list(archive.names) == names
        assert archive.notes == (BookNote.of("guessed_names", names, encoding),)


def test_backslashes_of_undeclared_names_are_folders_unless_they_are_half_a_letter(tmp_path: Path) -> None:
    path = packing.write_zip(tmp_path / "book.cbz", {"第１話\\ソ.png": b"one"}, "cp932")
    with ZipArchive(path) as archive:
        assert archive.names == ("第１話/ソ.png",)


@pytest.mark.parametrize("current", [True, False])
def test_a_unicode_path_is_believed_while_it_belongs_to_the_name(tmp_path: Path, current: bool) -> None:
    info = packing.raw_info("第１話.png", "cp932")
    info.extra = packing.unicode_path_field("第１話.png".encode("cp932") if current else b"old.png", "第２話.png")
    with zipfile.ZipFile(tmp_path / "book.cbz", "w") as archive:
        archive.writestr(info, b"one")
    with ZipArchive(tmp_path / "book.cbz") as archive:
        assert archive.names == ("第２話.png" if current else "第１話.png",)
        assert archive.read(archive.names[0]) == b"one"
        assert [note.value for note in archive.notes] == ([] if current else ["cp932"])


def test_a_member_without_a_name_is_damage(tmp_path: Path) -> None:
    info = packing.raw_info("1.png", "ascii")
    info.raw = b""
    with zipfile.ZipFile(tmp_path / "book.cbz", "w") as archive:
        archive.writestr(info, b"one")
    with pytest.raises(SourceDamaged):
        ZipArchive(tmp_path / "book.cbz")
