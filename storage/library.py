"""The library of one project: everything that is stored about its book, storyboard, takes and film.

Its methods are defined in the modules that it combines: book, corrections, storyboards, cache, takes and journal.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self

from storage import book, corrections, project, storyboards
from storage.artifacts import Artifacts
from storage.book import StoredBook
from storage.cache import Cache
from storage.corrections import Corrections
from storage.database import Database, open_database
from storage.domain import Transcript, VideoFormat
from storage.errors import ProjectError
from storage.inventory import Inventory
from storage.journal import Journal
from storage.records import PlanInputs
from storage.settings import Settings
from storage.storyboards import Storyboards
from storage.takes import Takes


class Library(StoredBook, Corrections, Storyboards, Cache, Takes, Journal, Inventory):
    """One open project. It may be used from any thread; other processes get `artifacts.root` only.

    `Library.open` and `open_for_work` make one; use it as a context manager, or call `close`.
    """

    def __init__(
        self, folder: Path, database: Database, artifacts: Artifacts, lock: project.ProjectLock | None
    ) -> None:
        super().__init__(database, artifacts)
        self.folder = folder
        self._lock = lock

    @classmethod
    def open(cls, folder: Path, *, create: bool = False, readonly: bool = False) -> Library:
        """Open a project for work, or for reading only.

        Only one process at a time may work on a project. A read-only library writes nothing.

        Args:
            folder: The folder of the project.
            create: Make the project if the folder holds none.
            readonly: Open it without a lock, for reading only.

        Returns:
            The open library.

        Raises:
            ProjectError: There is no project, its database is damaged, or the folder holds something else.
            ProjectLocked: Another process works on the project.
            ProjectTooNew: The project was made by a newer Komadori.
            StorageError: The folder is read-only, or the disk is full.
        """
        artifacts = Artifacts(folder / project.ARTIFACTS)
        if readonly:
            project.require_project(folder)
            artifacts = Artifacts(folder / project.ARTIFACTS, readonly=True)
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

    @contextmanager
    def scratch_copy(self) -> Iterator[Library]:
        """Yield a library on a copy of the database, in which anything may be tried; it shares the stored files."""
        with self.database_copy() as path:
            artifacts = Artifacts(self.artifacts.root, readonly=True)
            with Library(self.folder, open_database(path), artifacts, None) as copy:
                yield copy

    def restore_plan(self, number: int, inputs: PlanInputs, settings: Settings) -> None:
        """Make another revision the one that is filmed, together with what its plan was made from, in one transaction.

        Args:
            number: The number of the revision.
            inputs: What its plan was made from (see `plan_inputs`).
            settings: The settings of the project from now on.

        Raises:
            ProjectError: There is no such revision.
            StorageError: The file of a page is missing.
        """
        self.generation += 1
        with self.database.writing() as connection:
            self.register_by_hash(connection, [page.artifact for page in inputs.pages])
            storyboards.set_head(connection, number)
            corrections.set_head(connection, inputs.correction)
            book.update_project(
                connection, info=inputs.info.model_dump(mode="json"), settings=settings.model_dump(mode="json")
            )
            book.replace_pages(connection, inputs.pages)
            book.replace_transcript(connection, inputs.transcript)

    def move_with_corrections(self, number: int, correction: int | None, screen: VideoFormat | None = None) -> None:
        """Make another revision the one that is filmed, together with other corrections, in one transaction.

        Args:
            number: The number of the revision.
            correction: The number of the corrections; None takes the pages as they were read.
            screen: A new video format for the project's settings; None keeps the present one.

        Raises:
            ProjectError: There is no such revision.
        """
        self.generation += 1
        with self.database.writing() as connection:
            corrections.set_head(connection, correction)
            storyboards.set_head(connection, number, screen)

    def require_transcript(self) -> Transcript:
        """Return the transcript of the book.

        Raises:
            ProjectError: Nothing has been read yet.
        """
        transcript = self.transcript()
        if transcript is None:
            raise ProjectError(f"nothing has been read in {self.folder} yet", "run: main.py animate SOURCE")
        return transcript

    def close(self) -> None:
        """Close the database and release the lock. A second call does nothing."""
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
"""The folder of a project, or a library that is already open for work."""


@contextmanager
def open_for_work(where: Where) -> Iterator[Library]:
    """Open a project for work, and close it at the end of the block if it was opened here.

    Args:
        where: The folder of a project, or a library that is already open; that one stays open.

    Yields:
        The open library.

    Raises:
        KomadoriError: Any error of `Library.open`.
    """
    if isinstance(where, Library):
        yield where
        return
    with Library.open(where) as library:
        yield library
