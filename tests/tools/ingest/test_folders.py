"""Folders on disks and NAS devices: the files that are listed, and those that are not looked into."""

from __future__ import annotations

from pathlib import Path

import pytest

from storage.errors import SourceError
from tools.ingest.folders import head_reader, list_files, read_file


def test_files_of_systems_are_named_and_not_looked_into(tmp_path: Path) -> None:
    for name in ("a/1.png", "a/@eaDir/1.png/thumb.png", "#recycle/2.png", ".DS_Store", "b/Thumbs.db"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(b"x" * 100)
    found = list_files(tmp_path)
    assert found.names == ["a/1.png"]
    assert sorted(found.system_files) == ["#recycle", ".DS_Store", "a/@eaDir", "b/Thumbs.db"]
    assert head_reader(tmp_path)(["a/1.png", "gone.png"]) == {"a/1.png": b"x" * 64, "gone.png": b""}


def test_a_file_is_read_up_to_its_bound(tmp_path: Path) -> None:
    (tmp_path / "1.png").write_bytes(b"12345")
    assert read_file(tmp_path / "1.png", "1.png", 5) == b"12345"
    for name, most in (("1.png", 4), ("gone.png", 5), (".", 5)):
        with pytest.raises(SourceError):
            read_file(tmp_path / name, name, most)
