"""Open the SQLite file of a project, bring it up to date, and run short transactions on it.

Opening checks the version of the file before it changes anything. A file of an older version is copied and then
migrated; if it is opened for reading only, a temporary copy is migrated and read instead.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import lru_cache
from pathlib import Path
from tempfile import TemporaryDirectory

from sqlalchemy import create_engine, event
from sqlalchemy.engine import Connection, Engine
from sqlalchemy.exc import DBAPIError
from sqlalchemy.pool import NullPool, QueuePool

from storage import migrations
from storage.errors import KomadoriError, ProjectError, ProjectLocked, ProjectTooNew, SettingsError, StorageError
from storage.models import Row

_BUSY_SECONDS = 10.0
"""Seconds to wait for another writer."""
_PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=ON")
_DISK_FULL = (sqlite3.SQLITE_FULL,)
_UNREACHABLE = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM)
_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_LOCKED = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)


class Database:
    """One SQLite file. Any thread may read and write; writers wait for each other."""

    def __init__(self, path: Path, *, readonly: bool = False, copy: TemporaryDirectory[str] | None = None) -> None:
        """Connect to the file at `path`.

        Args:
            path: The SQLite file.
            readonly: Refuse to write.
            copy: A folder that holds a copy of the file; the copy is read instead, and removed with the folder.
        """
        self.path = path
        self._copy = copy
        self._engine = _engine(Path(copy.name) / path.name if copy else path, readonly)
        self._writing = self._engine.execution_options(immediate=True)
        self._write_lock = threading.Lock()

    @contextmanager
    def reading(self) -> Iterator[Connection]:
        """Yield a connection that sees one state of the database. Rows are turned into values within the block.

        Raises:
            ProjectError: The file is damaged, or a row holds no value of its kind.
        """
        with translate_errors(self.path), _translate_values(self.path), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def writing(self) -> Iterator[Connection]:
        """Yield a connection whose changes are committed at the end of the block, or rolled back if it raises.

        Never open one inside another.
        """
        with translate_errors(self.path), self._write_lock, self._writing.begin() as connection:
            yield connection

    def close(self) -> None:
        """Close every connection; the last one writes the log (WAL) back into the file."""
        self._engine.dispose()
        if self._copy:
            self._copy.cleanup()


def open_database(path: Path, *, readonly: bool = False) -> Database:
    """Open a database in the newest format; make it if there is none, unless `readonly`.

    A file of an older format is migrated. With `readonly`, a temporary copy is migrated and read instead.

    Raises:
        ProjectTooNew: The file has a newer format; it is not touched.
        ProjectError: The file is damaged or no library of Komadori, or `readonly` and missing.
        StorageError: The disk is full, or the folder is read-only.
    """
    with translate_errors(path):
        revision = _read_revision(path)
        if revision is not None and revision not in migrations.known_revisions():
            raise ProjectTooNew(
                f"{path.parent} was made by a newer Komadori (its format is {revision})", "update Komadori"
            )
        if revision != migrations.newest_revision():
            if readonly and revision is None:
                raise ProjectError(f"{path.parent} was never finished", "run `main.py animate` on it, then look again")
            if readonly:
                return Database(path, readonly=True, copy=_upgraded_copy(path))
            _migrate(path, revision)
        return Database(path, readonly=readonly)


@contextmanager
def translate_errors(path: Path) -> Iterator[None]:
    """Raise errors of SQLite as Komadori's errors, with a hint.

    A text with half a character (a lone surrogate, as in a word of a command line that is no UTF-8) is no error of
    SQLite, but it can be stored nowhere.
    """
    try:
        yield
    except UnicodeDecodeError as error:
        raise _damaged_error(path, error) from error
    except UnicodeEncodeError as error:
        part = error.object[max(0, error.start - 20) : error.end]
        raise SettingsError(
            f"a text has half a character that cannot be stored: {part!a}", "write the text anew, as UTF-8"
        ) from error
    except (DBAPIError, sqlite3.Error) as error:
        translated = _translate(error.orig if isinstance(error, DBAPIError) else error, path)
        if translated is None:
            raise
        raise translated from error


@contextmanager
def _translate_values(path: Path) -> Iterator[None]:
    """Raise ProjectError for stored values that cannot be what was written."""
    try:
        yield
    except ValueError as error:  # of pydantic, of JSON, of a time
        raise _damaged_error(path, "a row holds what was never written") from error


def _has_our_tables(path: Path) -> bool:
    """Return whether the tables of the file are described as they were made: their columns and what these refer to."""
    try:
        with closing(open_readonly(path)) as connection:
            for table in Row.metadata.sorted_tables:
                found = {column[1] for column in connection.execute(f"PRAGMA table_info({table.name})")}
                referred = {key[2] for key in connection.execute(f"PRAGMA foreign_key_list({table.name})")}
                if found != set(table.columns.keys()) or not referred <= Row.metadata.tables.keys():
                    return False
    except sqlite3.Error:
        return False
    return True


def _damaged_error(path: Path, reason: object) -> ProjectError:
    return ProjectError(
        f"{path} is damaged: {reason}",
        f"put back a copy ({path.name}.before-*, or your own), or move it away: animate then makes the film anew, "
        "without your changes",
    )


def _translate(error: BaseException | None, path: Path) -> KomadoriError | None:
    if isinstance(error, sqlite3.OperationalError) and not hasattr(error, "sqlite_errorcode"):
        return _damaged_error(path, error)  # a text that is none: the driver itself refuses it
    # the low byte is the kind of error, the rest its detail
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code in _DISK_FULL:
        return StorageError(f"the disk is full at {path.parent}", "free some space and run the same command again")
    if code in _UNREACHABLE:
        return StorageError(
            f"cannot use {path}: {error}", "check that the folder may be read and written and that its disk has space"
        )
    if code in _DAMAGED or (code == sqlite3.SQLITE_ERROR and not _has_our_tables(path)):
        return _damaged_error(path, error)
    if code in _LOCKED:
        return ProjectLocked(f"{path} is in use by another process", "wait until it has finished, or stop it first")
    return None


@lru_cache(maxsize=16)
def _engine(path: Path, readonly: bool) -> Engine:
    """Return the engine of a file; it is cached, so that a file that is opened again keeps its prepared statements."""
    if readonly:
        engine = create_engine("sqlite://", creator=lambda: open_readonly(path), poolclass=NullPool)
    else:
        engine = create_engine(
            "sqlite://", creator=lambda: _connect_for_writing(path), poolclass=QueuePool, pool_size=4, max_overflow=64
        )
    event.listen(engine, "begin", _begin_transaction)
    return engine


def _connect_for_writing(path: Path) -> sqlite3.Connection:
    # no transactions of the driver's own: _begin_transaction says when one starts, so that it holds table changes too
    connection = sqlite3.connect(path, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)
    for pragma in _PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
    return connection


def open_readonly(path: Path) -> sqlite3.Connection:
    """Connect to an SQLite file without writing anything, not even files beside it."""
    # Without a log the file stands still, and "immutable" reads it without making the log's files beside it;
    # with one, somebody works on it or was killed, and the log must be read too.
    logged = path.with_name(path.name + "-wal").exists()
    uri = f"{path.absolute().as_uri()}?mode=ro{'' if logged else '&immutable=1'}"
    return sqlite3.connect(uri, uri=True, timeout=_BUSY_SECONDS, isolation_level=None, check_same_thread=False)


def _begin_transaction(connection: Connection) -> None:
    # a writer says so at once: a reader that turns writer half-way is refused instead of waiting its turn
    immediate = connection.get_execution_options().get("immediate")
    connection.exec_driver_sql("BEGIN IMMEDIATE" if immediate else "BEGIN")


def _read_revision(path: Path) -> str | None:
    """Return the format of the file without changing it; None if nothing was ever written to it."""
    if not path.exists():
        return None
    with closing(open_readonly(path)) as connection:
        tables = {name for (name,) in connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")}
        if not tables:
            return None
        if "alembic_version" not in tables:
            raise ProjectError(f"{path} is not a Komadori library", "choose another folder with --project")
        row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
    return str(row[0]) if row else None


def _migrate(path: Path, revision: str | None) -> None:
    if not path.exists():
        for log in ("-wal", "-shm"):  # of a library that was removed: SQLite would read it into the new one
            path.with_name(path.name + log).unlink(missing_ok=True)
    if revision is not None:
        copy_database(path, path.with_name(f"{path.name}.before-{migrations.newest_revision()}"))
    _upgrade(path)


def _upgraded_copy(path: Path) -> TemporaryDirectory[str]:
    """Return a folder with a migrated copy of an older library; the library itself is only read."""
    folder = TemporaryDirectory(prefix="komadori-", ignore_cleanup_errors=True)
    copy = Path(folder.name) / path.name
    copy_database(path, copy)
    _upgrade(copy)
    return folder


def _upgrade(path: Path) -> None:
    engine = migration_engine(path)
    try:
        with engine.connect() as connection:
            migrations.upgrade(connection)
    finally:
        engine.dispose()


def migration_engine(path: Path) -> Engine:
    """Return an engine for migrations.

    Foreign keys are off, because rebuilding a table would drop the rows that refer to it.
    """

    def connect() -> sqlite3.Connection:
        connection = _connect_for_writing(path)
        connection.execute("PRAGMA foreign_keys=OFF")
        return connection

    engine = create_engine("sqlite://", creator=connect, poolclass=NullPool)
    event.listen(engine, "begin", _begin_transaction)
    return engine


def copy_database(path: Path, to: Path) -> None:
    """Copy a database completely or not at all; the copy is made by SQLite, so that it includes the log."""
    new_file = to.with_name(to.name + ".part")
    new_file.unlink(missing_ok=True)
    with closing(open_readonly(path)) as source, closing(sqlite3.connect(new_file)) as target:
        source.backup(target)
    new_file.replace(to)
