"""Test that the checkpoint file is read without changes, deleted completely, and refused with a hint when damaged."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import pytest

from agents.checkpoints import NAME, forget_checkpoints, open_checkpoints
from storage.errors import ProjectError, StorageError


def test_who_only_reads_makes_no_file_and_changes_none(tmp_path: Path) -> None:
    with pytest.raises(StorageError), open_checkpoints(tmp_path, readonly=True) as connection:
        connection.execute("select * from kept")
    assert not list(tmp_path.iterdir())
    with open_checkpoints(tmp_path) as connection:
        connection.execute("create table kept (name text)")
    with pytest.raises(StorageError), open_checkpoints(tmp_path, readonly=True) as connection:
        connection.execute("insert into kept values ('x')")


def test_they_are_forgotten_with_their_log_and_twice_is_no_fault(tmp_path: Path) -> None:
    for end in ("", "-wal", "-shm"):
        (tmp_path / f"{NAME}{end}").touch()
    (tmp_path / "library.db").touch()
    forget_checkpoints(tmp_path)
    forget_checkpoints(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["library.db"]


def test_a_damaged_file_is_named_with_a_cure(tmp_path: Path) -> None:
    (tmp_path / NAME).write_bytes(b"garbage" * 999)
    with pytest.raises(ProjectError) as raised, open_checkpoints(tmp_path) as connection:
        connection.execute("select * from kept")
    assert raised.value.hint
    assert isinstance(raised.value.__cause__, sqlite3.DatabaseError)
