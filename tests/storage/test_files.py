"""Test the names of files that are being written, and which errors say that a disk is full."""

from __future__ import annotations

import errno
import os
from pathlib import Path

import pytest

from storage.files import is_disk_full, part_path


def test_a_file_is_written_under_a_hidden_name_beside_it(tmp_path: Path) -> None:
    part = part_path(tmp_path / "film.mp4")
    assert (part.parent, part.suffix, part.name[0]) == (tmp_path, ".part", ".")
    assert part == part_path(tmp_path / "film.mp4")
    assert part != part_path(tmp_path / "film.srt")


@pytest.mark.parametrize(
    "name", [b"f" * 255, b"\xff" * 255, "コ".encode() * 85], ids=["longest", "no text", "Japanese"]
)
def test_every_name_that_a_file_can_have_has_a_name_to_write_it_under(name: bytes, tmp_path: Path) -> None:
    part_path(tmp_path / os.fsdecode(name)).write_text("a part")


@pytest.mark.parametrize(
    ("number", "is_full"),
    [(errno.ENOSPC, True), (errno.EDQUOT, True), (errno.EROFS, False), (errno.EACCES, False), (None, False)],
)
def test_a_disk_and_a_quota_can_be_full(number: int | None, is_full: bool) -> None:
    assert is_disk_full(OSError(number, "why") if number else OSError()) is is_full
