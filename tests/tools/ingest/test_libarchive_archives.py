"""RAR, 7-Zip and compressed tar: read in any order, refused where libarchive is missing or the archive is bad."""

from __future__ import annotations

import gzip
import lzma
import random
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from storage.errors import FormatUnsupported, SourceError
from tests.tools.ingest.packing import Members, needs_libarchive, write_7z, write_rar, write_tar
from tools.ingest import libarchive_archives
from tools.ingest.libarchive_archives import LibarchiveArchive, find_packed_format
from tools.ingest.source_kinds import open_archive


def pack_tar_gz(path: Path, members: Members) -> Path:
    path.write_bytes(gzip.compress(write_tar(path, members).read_bytes()))
    return path


def pack_tar_xz(path: Path, members: Members) -> Path:
    path.write_bytes(lzma.compress(write_tar(path, members).read_bytes()))
    return path


pytestmark = needs_libarchive
WRITERS: list[Callable[[Path, Members], Path]] = [write_7z, write_rar, pack_tar_gz, pack_tar_xz]
MEMBERS = {f"第{n}話.png": random.Random(n).randbytes(3000) for n in range(12)}


@pytest.mark.parametrize("write", WRITERS)
def test_members_are_read_in_any_order(tmp_path: Path, write: Callable[[Path, Members], Path]) -> None:
    with open_archive(write(tmp_path / "book.cbr", MEMBERS)) as archive:
        for name in random.Random(1).sample(sorted(MEMBERS), len(MEMBERS)) * 2:
            assert archive.read(name) == MEMBERS[name]


def test_the_bytes_kept_between_members_are_bounded(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(libarchive_archives, "_MAX_KEPT", 13_000)  # four members, each of at most a quarter
    with open_archive(write_7z(tmp_path / "book.cb7", MEMBERS)) as archive:
        for name in reversed(MEMBERS):
            assert archive.read(name) == MEMBERS[name]


def test_an_archive_that_was_replaced_is_read_anew(tmp_path: Path) -> None:
    path = tmp_path / "book.cb7"
    assert "第1話.png" in open_archive(write_7z(path, MEMBERS))
    assert open_archive(write_7z(path, {"other.png": b"new"})).read("other.png") == b"new"


def test_a_bomb_is_refused_by_what_it_claims_and_by_what_comes(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="far more"):
        open_archive(write_7z(tmp_path / "bomb.cb7", {"1.bmp": bytes(64 * 2**20)}))
    with pytest.raises(SourceError, match="far more"):
        open_archive(pack_tar_gz(tmp_path / "bomb.cbt", {"1.bmp": bytes(64 * 2**20)}))


@pytest.mark.parametrize("write", WRITERS)
def test_damage_ends_in_one_kind_of_error_and_not_in_other_bytes(
    tmp_path: Path, write: Callable[[Path, Members], Path], capfd: pytest.CaptureFixture[str]
) -> None:
    whole = write(tmp_path / "book.cbr", MEMBERS).read_bytes()
    # Tar has no checksum, and libarchive ignores those of gzip and of stored members of RAR.
    checks_nothing = write is not write_7z
    dice = random.Random(7)
    for round_ in range(60):
        broken = bytearray(whole[: dice.randrange(20, len(whole))] if round_ % 2 else whole)
        for _ in range(4):
            broken[dice.randrange(8, len(broken))] = dice.randrange(256)
        (tmp_path / "book.cbr").write_bytes(broken)
        try:
            with open_archive(tmp_path / "book.cbr") as archive:
                for name in archive.names:
                    data = archive.read(name)
                    assert checks_nothing or name not in MEMBERS or data == MEMBERS[name]
        except SourceError as error:
            assert "book.cbr" in error.what  # noqa: PT017 (an archive may survive the damage)
    assert capfd.readouterr().err == ""


def test_without_the_library_the_format_is_named_and_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = write_rar(tmp_path / "book.cbr", MEMBERS)
    monkeypatch.setitem(sys.modules, "libarchive", None)
    known = find_packed_format(path.read_bytes()[:64])
    assert known
    with pytest.raises(FormatUnsupported) as caught:
        LibarchiveArchive(path, known)
    assert caught.value.format == "RAR"
    assert "libarchive-c" in caught.value.hint
