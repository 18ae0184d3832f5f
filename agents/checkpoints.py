"""Open and delete the SQLite file in which LangGraph keeps the progress of a film."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path

from storage.database import open_readonly, translate_errors

NAME = "graph.db"


@contextmanager
def open_checkpoints(folder: Path, *, readonly: bool = False) -> Iterator[sqlite3.Connection]:
    """Connect to the checkpoints of a project; `readonly` writes nothing and makes no file.

    Raises:
        StorageError: The disk is full, or the file cannot be written.
        ProjectError: The file is damaged.
    """
    path = folder / NAME
    with translate_errors(path), closing(_connection(path, readonly)) as connection:
        yield connection


def forget_checkpoints(folder: Path) -> None:
    """Remove the checkpoints of a project: the library is the truth, and a run that starts anew finds what stands."""
    for end in ("", "-wal", "-shm"):
        (folder / f"{NAME}{end}").unlink(missing_ok=True)


def _connection(path: Path, readonly: bool) -> sqlite3.Connection:
    return open_readonly(path) if readonly else sqlite3.connect(path, check_same_thread=False)
