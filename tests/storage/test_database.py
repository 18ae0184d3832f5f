"""Test the connections and transactions of the database, and the errors for files that cannot be used."""

from __future__ import annotations

import hashlib
import sqlite3
import threading
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text
from sqlalchemy.exc import IntegrityError

from storage import migrations
from storage.database import Database, migration_engine, open_database
from storage.errors import ProjectError, ProjectTooNew, SettingsError, StorageError
from storage.library import Library


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "library.db"


def digest(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def names(folder: Path) -> list[str]:
    return sorted(entry.name for entry in folder.iterdir())


def ask(database: Database, question: str) -> object:
    with database.reading() as connection:
        return connection.execute(text(question)).scalar()


def say(database: Database, what: str) -> None:
    with database.writing() as connection:
        connection.execute(text(f"INSERT INTO message VALUES (null, 'user', '{what}', '2026-01-01 00:00:00')"))


def say_and_fail(database: Database) -> None:
    with database.writing() as connection:
        connection.execute(text("INSERT INTO message VALUES (null, 'user', 'slower', '2026-01-01 00:00:00')"))
        raise KeyError


def make_old_database(path: Path) -> None:
    """Make a library of the first revision with a message in it."""
    engine = migration_engine(path)
    with engine.connect() as connection:
        migrations.upgrade(connection, migrations.known_revisions()[0])
    with engine.begin() as connection:
        connection.execute(text("INSERT INTO message VALUES (1, 'user', 'slower', '2026-01-01 00:00:00')"))
    engine.dispose()


def test_every_connection_holds_references_and_waits_its_turn(path: Path) -> None:
    database = open_database(path)
    assert ask(database, "PRAGMA journal_mode") == "wal"
    assert ask(database, "PRAGMA foreign_keys") == 1
    assert ask(database, "PRAGMA synchronous") == 1
    assert ask(database, "PRAGMA busy_timeout") == 10_000
    with pytest.raises(IntegrityError), database.writing() as connection:
        connection.execute(text("INSERT INTO cut_take VALUES (1, 0, 1)"))
    database.close()
    assert names(path.parent) == ["library.db"]


def test_what_raises_half_way_never_happened(path: Path) -> None:
    database = open_database(path)
    with pytest.raises(KeyError):
        say_and_fail(database)
    assert ask(database, "SELECT count(*) FROM message") == 0
    database.close()


def test_a_damaged_time_is_a_damaged_project(folder: Path) -> None:
    with Library.open(folder, create=True) as library:
        library.add_message("user", "slower")
        with closing(sqlite3.connect(folder / "library.db")) as connection, connection:
            connection.execute("update message set created = '2026-\x01'")
        with pytest.raises(ProjectError):
            library.messages()


def test_half_a_character_is_refused_and_nothing_is_stored(folder: Path) -> None:
    with Library.open(folder, create=True) as library:
        with pytest.raises(SettingsError):
            library.add_message("user", "\udcff slower")
        assert not library.messages()


def test_many_threads_write_at_once(folder: Path) -> None:
    with Library.open(folder, create=True) as library:

        def work(number: int) -> None:
            for step in range(20):
                library.add_event("animate", "done", thread=number, step=step)
                library.events(after=0)

        threads = [threading.Thread(target=work, args=(number,)) for number in range(6)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert len(library.events()) == 120


def test_an_older_library_is_copied_then_brought_up_to_date(path: Path) -> None:
    make_old_database(path)
    database = open_database(path)
    assert ask(database, "SELECT version_num FROM alembic_version") == migrations.newest_revision()
    assert ask(database, "SELECT text FROM message") == "slower"
    database.close()
    copy = path.with_name(f"library.db.before-{migrations.newest_revision()}")
    with closing(sqlite3.connect(copy)) as old:
        assert old.execute("SELECT version_num FROM alembic_version").fetchone() == (migrations.known_revisions()[0],)
        assert old.execute("SELECT text FROM message").fetchone() == ("slower",)
    assert not list(path.parent.glob("*.part"))


def test_the_copy_holds_what_still_stood_in_the_log(path: Path) -> None:
    make_old_database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("INSERT INTO message VALUES (2, 'user', 'faster', '2026-01-01 00:00:00')")
        assert path.with_name("library.db-wal").stat().st_size > 0
        open_database(path).close()
    with closing(sqlite3.connect(path.with_name(f"library.db.before-{migrations.newest_revision()}"))) as old:
        assert old.execute("SELECT count(*) FROM message").fetchone() == (2,)


def test_a_migration_that_fails_leaves_the_library_as_it_was(path: Path) -> None:
    make_old_database(path)
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("INSERT INTO cut_take VALUES (1, 0, 1)")
        schema = other.execute("SELECT * FROM sqlite_master").fetchall()
        with pytest.raises(ProjectError, match="cut_take"):
            open_database(path)
        assert other.execute("SELECT version_num FROM alembic_version").fetchone() == (migrations.known_revisions()[0],)
        assert other.execute("SELECT * FROM sqlite_master").fetchall() == schema


def test_an_older_library_is_not_touched_by_looking_at_it(path: Path) -> None:
    make_old_database(path)
    before = digest(path), names(path.parent)
    database = open_database(path, readonly=True)
    assert ask(database, "SELECT version_num FROM alembic_version") == migrations.newest_revision()
    assert ask(database, "SELECT text FROM message") == "slower"
    with pytest.raises(StorageError):
        say(database, "no")
    database.close()
    assert (digest(path), names(path.parent)) == before


@pytest.mark.parametrize("readonly", [False, True])
def test_a_newer_library_is_refused_and_not_touched(path: Path, readonly: bool) -> None:
    open_database(path).close()
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("UPDATE alembic_version SET version_num = '9999'")
    before = digest(path), names(path.parent)
    with pytest.raises(ProjectTooNew) as error:
        open_database(path, readonly=readonly)
    assert "9999" in error.value.what
    assert "update" in error.value.hint
    assert (digest(path), names(path.parent)) == before


def damaged(path: Path) -> None:
    path.write_bytes(b"\x89PNG, not a library at all" * 400)


def torn(path: Path) -> None:
    open_database(path).close()
    path.write_bytes(path.read_bytes()[:9000])


def foreign(path: Path) -> None:
    with closing(sqlite3.connect(path)) as other, other:
        other.execute("CREATE TABLE bookmarks (url)")


@pytest.mark.parametrize("spoil", [damaged, torn, foreign])
@pytest.mark.parametrize("readonly", [False, True])
def test_a_file_that_is_no_library_is_refused_and_not_touched(
    path: Path, spoil: Callable[[Path], None], readonly: bool
) -> None:
    spoil(path)
    before = digest(path)
    with pytest.raises(ProjectError) as error:
        open_database(path, readonly=readonly)
    assert str(path) in error.value.what
    assert error.value.hint
    assert digest(path) == before


def test_a_table_that_refers_to_a_damaged_name_is_a_damaged_project(path: Path) -> None:
    open_database(path).close()
    text_before = path.read_bytes()
    assert b"REFERENCES page_reading" in text_before
    path.write_bytes(text_before.replace(b"REFERENCES page_reading", b"REFERENCES page_reating"))
    database = open_database(path)
    with pytest.raises(ProjectError) as error, database.writing() as connection:
        connection.execute(text("DELETE FROM appearance"))
    assert str(path) in error.value.what
    database.close()


def test_looking_writes_nothing(path: Path) -> None:
    open_database(path).close()
    before = digest(path), names(path.parent)
    database = open_database(path, readonly=True)
    assert ask(database, "SELECT count(*) FROM message") == 0
    with pytest.raises(StorageError):
        say(database, "no")
    database.close()
    assert (digest(path), names(path.parent)) == before


def test_looking_sees_what_a_writer_has_just_written(path: Path) -> None:
    writer = open_database(path)
    reader = open_database(path, readonly=True)
    for count in range(3):
        assert ask(reader, "SELECT count(*) FROM event") == count
        with writer.writing() as connection:
            connection.execute(text("INSERT INTO event VALUES (null, 'a', 'b', '', '{}', '2026-01-01 00:00:00')"))
    writer.close()
    assert ask(reader, "SELECT count(*) FROM event") == 3
    reader.close()


def test_a_library_that_was_never_finished_is_finished(path: Path) -> None:
    path.touch()
    with pytest.raises(ProjectError, match="never finished"):
        open_database(path, readonly=True)
    open_database(path).close()
    open_database(path, readonly=True).close()
    assert names(path.parent) == ["library.db"]


def test_the_log_of_a_removed_library_is_not_read_into_the_next(path: Path) -> None:
    database = open_database(path)
    say(database, "old")
    log = path.with_name("library.db-wal").read_bytes()
    database.close()
    path.unlink()
    path.with_name("library.db-wal").write_bytes(log)
    database = open_database(path)
    assert ask(database, "SELECT count(*) FROM message") == 0
    database.close()


def fill(library: Library) -> None:
    for _ in range(1000):
        library.add_event("animate", "done", "x" * 10_000)


def test_a_full_disk_is_named_and_what_was_written_stays(disk: Callable[[str], Path]) -> None:
    folder = disk("size=1m") / "film.komadori"
    with Library.open(folder, create=True) as library:
        library.add_event("animate", "done")
        with pytest.raises(StorageError):
            fill(library)
        there = len(library.events())
        assert there > 1
    disk("size=8m")
    with Library.open(folder) as library:
        assert len(library.events()) == there
        library.add_event("animate", "done", "x" * 10_000)


def test_a_new_project_on_a_full_disk_says_so(disk: Callable[[str], Path]) -> None:
    folder = disk("size=64k") / "film.komadori"
    with pytest.raises(StorageError):
        Library.open(folder, create=True)
    disk("size=8m")
    with Library.open(folder, create=True) as library:
        assert library.pages() == ()
