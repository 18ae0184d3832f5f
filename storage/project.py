"""The files of a project folder, and the lock that lets one process at a time work in it.

library.db      all that is known              graph.db    checkpoints; may be deleted at any time
artifacts/      all that was made              films/      finished films for the user
project.lock    held while a process works     project.holder    that process, as a line of JSON
"""

from __future__ import annotations

import json
import os
from datetime import UTC, datetime
from pathlib import Path

from filelock import FileLock, Timeout

from storage.errors import ProjectError, ProjectLocked, StorageError
from storage.files import is_disk_full

DATABASE = "library.db"
ARTIFACTS = "artifacts"
_LOCK = "project.lock"
_HOLDER = "project.holder"
_PROJECT_FILES = ("library.db", "graph.db", "artifacts", "films", "project.", ".")


def is_project(folder: Path) -> bool:
    """Return whether the folder holds a project."""
    return (folder / DATABASE).is_file()


def require_project(folder: Path) -> None:
    """Raise ProjectError unless the folder holds a project."""
    if not is_project(folder):
        raise ProjectError(f"{folder} is not a project", "make one with: main.py animate SOURCE --project DIR")


def prepare_folder(folder: Path) -> None:
    """Make the folder of a new project.

    Raises:
        ProjectError: The path is no folder, or the folder holds something else.
        StorageError: The folder cannot be made.
    """
    if is_project(folder):
        return
    try:
        folder.mkdir(parents=True, exist_ok=True)
        other_entries = sorted(entry.name for entry in folder.iterdir() if not entry.name.startswith(_PROJECT_FILES))
    except (FileExistsError, NotADirectoryError):
        raise ProjectError(f"{folder} is not a folder", "choose another with --project") from None
    except OSError as error:
        raise unwritable_error(folder, error) from error
    if other_entries:
        raise ProjectError(
            f"{folder} is no project and not empty (it holds {other_entries[0]})",
            "choose an empty folder with --project",
        )


def unwritable_error(folder: Path, error: OSError) -> StorageError:
    """Return the StorageError that says why nothing can be written below `folder`."""
    if is_disk_full(error):
        return StorageError(f"the disk is full at {folder}", "free some space and run the same command again")
    return StorageError(
        f"cannot write to {folder}: {error.strerror or error}",
        "check that the folder may be written, or choose another with --project",
    )


class ProjectLock:
    """The lock that lets one process work in a project; the system releases it when the process ends, even by kill -9.

    Programs that this process starts do not inherit the file of the lock (it is closed on exec).
    """

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        # any thread may close the project
        self._lock = FileLock(folder / _LOCK, thread_local=False)

    def acquire(self) -> None:
        """Take the lock without waiting.

        Raises:
            ProjectLocked: Another process holds it; the message names that process.
            StorageError: The folder is read-only.
        """
        try:
            self._lock.acquire(blocking=False)
        except Timeout:
            raise self._locked_error() from None
        except OSError as error:
            raise unwritable_error(self._folder, error) from error
        try:
            self._write_holder()
        except OSError as error:
            self._lock.release()
            raise unwritable_error(self._folder, error) from error

    def release(self) -> None:
        """Release the lock; a second call does nothing."""
        if self._lock.is_locked:
            (self._folder / _HOLDER).unlink(missing_ok=True)
            self._lock.release()

    def _write_holder(self) -> None:
        # beside the lock's own file, which whoever tries the lock empties
        holder = {"pid": os.getpid(), "started": datetime.now(UTC).isoformat(timespec="seconds")}
        new_file = self._folder / f"{_HOLDER}.{os.getpid()}"
        try:
            new_file.write_text(json.dumps(holder) + "\n", encoding="utf-8")
            new_file.replace(self._folder / _HOLDER)
        except OSError:
            new_file.unlink(missing_ok=True)
            raise

    def _locked_error(self) -> ProjectLocked:
        try:
            holder = json.loads((self._folder / _HOLDER).read_text(encoding="utf-8"))
            holder_text = f"process {holder['pid']} works on it since {holder['started']}"
        except (OSError, ValueError, KeyError, TypeError):
            holder_text = "another process works on it"
        return ProjectLocked(f"{self._folder} is in use: {holder_text}", "wait until it has finished, or stop it first")
