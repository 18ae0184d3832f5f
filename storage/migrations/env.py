"""The script that alembic runs to migrate a database, on a given connection and in one transaction."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context
from sqlalchemy import text
from sqlmodel.sql.sqltypes import AutoString

from storage.errors import ProjectError
from storage.models import Row, UtcTime


def plain(kind: str, item: Any, _: object) -> str | Literal[False]:
    """Render column types of Komadori as SQLAlchemy's own: an old revision must not depend on the present models."""
    if kind == "type" and isinstance(item, AutoString):
        return "sa.String()"
    if kind == "type" and isinstance(item, UtcTime):
        return "sa.DateTime()"
    return False


connection = context.config.attributes["connection"]
context.configure(
    connection=connection,
    target_metadata=Row.metadata,
    render_as_batch=True,
    render_item=plain,
    # SQLite can, and a killed migration must leave the old tables as they were
    transactional_ddl=True,
)
with context.begin_transaction():
    context.run_migrations()
    torn = connection.execute(text("PRAGMA foreign_key_check")).fetchall()
    if torn:
        raise ProjectError(
            f"the library is damaged: {len(torn)} of its references point nowhere, the first in {torn[0][0]}",
            "it was left as it is; put back a copy (library.db.before-*) or begin a new project",
        )
