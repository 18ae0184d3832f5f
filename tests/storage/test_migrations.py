"""Test that the migrations form one line and end at the current models."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import text

from storage import migrations
from storage.database import migration_engine, open_database
from storage.migrations.__main__ import draft_revision
from storage.models import Row


def test_the_newest_revision_is_what_the_models_say(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    open_database(path).close()
    engine = migration_engine(path)
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, Row.metadata) == []
    engine.dispose()


def test_the_revisions_stand_in_one_line_in_the_order_of_their_names() -> None:
    line = [script.revision for script in ScriptDirectory.from_config(migrations.alembic_config()).walk_revisions()]
    assert tuple(reversed(line)) == migrations.known_revisions()
    assert migrations.newest_revision() == line[0]


def test_every_step_alone_keeps_the_references(tmp_path: Path) -> None:
    path = tmp_path / "library.db"
    engine = migration_engine(path)
    for revision in migrations.known_revisions():
        with engine.connect() as connection:
            migrations.upgrade(connection, revision)
            assert connection.execute(text("SELECT version_num FROM alembic_version")).scalar() == revision
            assert connection.execute(text("PRAGMA foreign_key_check")).fetchall() == []
    engine.dispose()


def test_a_migration_says_nothing(
    tmp_path: Path, capfd: pytest.CaptureFixture[str], caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.WARNING)
    open_database(tmp_path / "library.db").close()
    assert capfd.readouterr() == ("", "")
    assert caplog.text == ""


def test_a_draft_of_the_next_revision_is_empty_when_nothing_changed(tmp_path: Path) -> None:
    written = draft_revision("nothing", tmp_path)
    assert written.name == f"{int(migrations.newest_revision()) + 1:04d}_nothing.py"
    assert "    pass" in written.read_text()
