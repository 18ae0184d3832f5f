"""Test that times in rows keep their zone, and that every constraint has a name."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path

from sqlalchemy import insert, select

from storage import models
from storage.database import open_database


def test_a_moment_comes_back_in_utc_to_the_microsecond(tmp_path: Path) -> None:
    tokyo = datetime(2026, 1, 2, 3, 4, 5, 678901, tzinfo=timezone(timedelta(hours=9)))
    message = models.table(models.MessageRow)
    database = open_database(tmp_path / "library.db")
    with database.writing() as connection:
        connection.execute(insert(message), {"role": "user", "text": "", "created": tokyo})
    with database.reading() as connection:
        found = connection.execute(select(message.c.created)).scalar_one()
    database.close()
    assert found == tokyo
    assert found.tzinfo is UTC


def test_every_constraint_has_a_name() -> None:
    for table in models.Row.metadata.tables.values():
        assert all(constraint.name for constraint in table.constraints), table.name
