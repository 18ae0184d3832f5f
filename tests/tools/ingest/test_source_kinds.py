"""The kind of a source by its first bytes, and by its suffix where they tell nothing."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.errors import FormatUnsupported, SourceError
from tests.tools.ingest.packing import page, write_tar, write_zip
from tools.ingest.source_kinds import Kind, find_kind, open_archive
from tools.ingest.tar_archives import TarArchive
from tools.ingest.zip_archives import ZipArchive


@pytest.mark.parametrize(
    ("head", "kind"),
    [(b"%PDF-1.7", "pdf"), (b"PK\x03\x04", "archive"), (b"Rar!\x1a\x07\x00", "archive"), (page(), "image")],
)
@pytest.mark.parametrize("name", ["book", "book.pdf", "book.cbz", "book.cbr", "book.png", "book.txt"])
def test_first_bytes_count_more_than_the_suffix(tmp_path: Path, head: bytes, kind: Kind, name: str) -> None:
    (tmp_path / name).write_bytes(head)
    assert find_kind(tmp_path / name) == kind
    assert find_kind(tmp_path) == "folder"


def test_archives_are_opened_by_what_they_are(tmp_path: Path) -> None:
    assert isinstance(open_archive(write_tar(tmp_path / "a.cbz", {"1.png": page()})), TarArchive)
    assert isinstance(open_archive(write_zip(tmp_path / "b.cbt", {"1.png": page()})), ZipArchive)
    old = bytearray((tmp_path / "a.cbz").read_bytes())
    old[257:265] = bytes(8)  # a tar of the seventies has no signature
    old[148:156] = b"%06o\0 " % (sum(old[:148]) + 8 * 32 + sum(old[156:512]))
    (tmp_path / "c.cbt").write_bytes(old)
    assert find_kind(tmp_path / "c.cbt") == "archive"
    assert open_archive(tmp_path / "c.cbt").names == ("1.png",)


def test_what_is_no_book_is_named(tmp_path: Path) -> None:
    for name, error in (("book.cba", FormatUnsupported), ("book.cbr", SourceError), ("book.txt", SourceError)):
        (tmp_path / name).write_bytes(b"once upon a time")
        with pytest.raises(error, match=name):
            find_kind(tmp_path / name)
