"""Tar archives as .cbt files: undeclared names, links, holes and damage."""

from __future__ import annotations

import io
import tarfile
from pathlib import Path

import pytest

from storage.book_info import BookNote
from storage.errors import SourceError
from tests.tools.ingest.packing import page, write_tar
from tools.ingest import archives
from tools.ingest.tar_archives import TarArchive


def test_undeclared_names_are_guessed_and_utf_8_is_not(tmp_path: Path) -> None:
    names = ["第１話/001.png", "第２話/001.png"]
    for encoding, notes in (("utf-8", ()), ("cp932", (BookNote.of("guessed_names", names, "cp932"),))):
        with TarArchive(write_tar(tmp_path / "b.cbt", dict.fromkeys(names, b"one"), encoding=encoding)) as archive:
            assert list(archive.names) == names
            assert archive.read(names[1]) == b"one"
            assert archive.notes == notes


@pytest.mark.parametrize("kind", [tarfile.SYMTYPE, tarfile.LNKTYPE, tarfile.CHRTYPE, tarfile.FIFOTYPE])
def test_links_and_devices_are_refused(tmp_path: Path, kind: bytes) -> None:
    with tarfile.open(tmp_path / "book.cbt", "w") as archive:
        info = tarfile.TarInfo("001.png")
        info.type, info.linkname = kind, "/etc/passwd"
        archive.addfile(info)
    with pytest.raises(SourceError, match=r"001\.png"):
        TarArchive(tmp_path / "book.cbt")


def test_a_file_cut_short_is_damaged(tmp_path: Path) -> None:
    whole = write_tar(tmp_path / "book.cbt", {"1.png": page() * 50, "2.png": page() * 50}).read_bytes()
    for size in (600, 2000, len(page()) * 60):
        (tmp_path / "book.cbt").write_bytes(whole[:size])
        with pytest.raises(SourceError, match=r"book\.cbt"), TarArchive(tmp_path / "book.cbt") as archive:
            archive.read("2.png")


def test_a_member_of_holes_is_a_bomb(tmp_path: Path) -> None:
    with tarfile.open(tmp_path / "book.cbt", "w", format=tarfile.PAX_FORMAT) as archive:
        info = tarfile.TarInfo("001.bmp")
        info.pax_headers = {"GNU.sparse.major": "0", "GNU.sparse.realsize": str(2**33), "GNU.sparse.map": "0,4",
                            "GNU.sparse.size": str(2**33)}  # fmt: skip
        info.size = 4
        archive.addfile(info, io.BytesIO(b"data"))
    with pytest.raises(SourceError, match="far more"):
        TarArchive(tmp_path / "book.cbt")


def test_too_many_members_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(archives, "MAX_FILES", 3)
    with pytest.raises(SourceError, match="more than 3"):
        TarArchive(write_tar(tmp_path / "book.cbt", {f"{n}.png": b"" for n in range(4)}))
