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
    """Connect to the checkpoints of a project.

    Args:
        folder: The project's folder.
        readonly: Write nothing, and create no file.

    Raises:
        StorageError: The disk is full, or the file cannot be written.
        ProjectError: The file is damaged.
    """
    path = folder / NAME
    with translate_errors(path), closing(_connect(path, readonly)) as connection:
        yield connection


def forget_checkpoints(folder: Path) -> None:
    """Delete the checkpoints of a project. Nothing is lost: a new run finds all results in the library."""
    for suffix in ("", "-wal", "-shm"):
        (folder / f"{NAME}{suffix}").unlink(missing_ok=True)


def _connect(path: Path, readonly: bool) -> sqlite3.Connection:
    """Open the SQLite file at `path`; LangGraph uses the connection from another thread."""
    return open_readonly(path) if readonly else sqlite3.connect(path, check_same_thread=False)
