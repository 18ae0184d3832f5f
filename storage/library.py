"""The library of one project: everything that is stored about its book, storyboard, takes and film.

Its methods are defined in the modules that it combines: book, corrections, storyboards, cache, takes and journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from storage import project
from storage.artifacts import Artifacts
from storage.book import Book
from storage.cache import Cache
from storage.corrections import Corrections
from storage.database import Database, open_database
from storage.journal import Journal
from storage.storyboards import Storyboards
from storage.takes import Takes


class Library(Book, Corrections, Storyboards, Cache, Takes, Journal):
    """One project, open. Use it from any thread; hand processes `artifacts.root` instead."""

    def __init__(
        self, folder: Path, database: Database, artifacts: Artifacts, lock: project.ProjectLock | None
    ) -> None:
        super().__init__(database, artifacts)
        self.folder = folder
        self._lock = lock

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, readonly: bool = False) -> Library:
        """Open a project for work, which only one process at a time may do, or `readonly`, which writes nothing.

        `create` makes the project where there is none. Raises ProjectError (no project, damaged, or a folder with
        something else in it), ProjectLocked, ProjectTooNew, StorageError (read-only or full).
        """
        artifacts = Artifacts(folder / project.ARTIFACTS)
        if readonly:
            project.require_project(folder)
            return cls(folder, open_database(folder / project.DATABASE, readonly=True), artifacts, None)
        if create:
            project.prepare_folder(folder)
        else:
            project.require_project(folder)
        lock = project.ProjectLock(folder)
        lock.acquire()
        try:
            database = open_database(folder / project.DATABASE)
            artifacts.sweep()
        except BaseException:
            lock.release()
            raise
        return cls(folder, database, artifacts, lock)

    def close(self) -> None:
        """Let go of the project. Closing twice does nothing."""
        self.database.close()
        if self._lock:
            self._lock.release()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()


Where = Path | Library
"""A project's folder, or the library of somebody who has it open for work."""


@contextmanager
def open_for_work(where: Where) -> Iterator[Library]:
    """A project open for work; one that is opened for this is closed again. Raises as `Library.open` does."""
    if isinstance(where, Library):
        yield where
        return
    with Library.open(where) as library:
        yield library
