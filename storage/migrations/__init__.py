"""The migrations of library.db: one file for each revision in versions/, ordered by name.

To add one after a change of models.py:  python -m storage.migrations "what changes"
Read the generated file before you commit it. Never edit a revision that was released.
"""

from __future__ import annotations

import functools
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from alembic.config import Config
    from sqlalchemy.engine import Connection

_HERE = Path(__file__).parent
VERSIONS = _HERE / "versions"


@functools.cache
def known_revisions() -> tuple[str, ...]:
    """Return all revisions, oldest first, read from the names of the files, because alembic is slow to import."""
    return tuple(sorted(file.name[:4] for file in VERSIONS.glob("[0-9]*.py")))


def newest_revision() -> str:
    """Return the newest revision."""
    return known_revisions()[-1] if known_revisions() else "0000"


def alembic_config(connection: Connection | None = None) -> Config:
    """Return the configuration of alembic, without an ini file: the folder of revisions and the database to change."""
    from alembic.config import Config  # noqa: PLC0415 - a quarter of a second, only when something must change

    settings = Config()
    settings.set_main_option("script_location", str(_HERE).replace("%", "%%"))
    settings.attributes["connection"] = connection
    return settings


def upgrade(connection: Connection, revision: str = "head") -> None:
    """Migrate a database to a revision, completely or not at all."""
    from alembic import command  # noqa: PLC0415

    command.upgrade(alembic_config(connection), revision)
