"""The base class of all parts of the library, and functions that turn rows into values."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import TypeVar

from sqlalchemy import Insert, bindparam, func, select
from sqlalchemy.dialects.sqlite import insert
from sqlalchemy.engine import Connection
from sqlalchemy.sql.base import Executable

from storage import models
from storage.artifacts import Artifacts
from storage.database import Database
from storage.domain import Artifact, Shape

Value = TypeVar("Value", bound=Shape)
_ARTIFACT = models.table(models.ArtifactRow)
_REGISTER = insert(_ARTIFACT).on_conflict_do_nothing()
_NAMES = func.json_each(bindparam("names")).table_valued("value")
_REGISTERED = select(_ARTIFACT.c.sha256).where(_ARTIFACT.c.sha256.in_(select(_NAMES.c.value)))


class Repository:
    """The base of each part of the library; every public call is one short transaction, from any thread."""

    def __init__(self, database: Database, artifacts: Artifacts) -> None:
        self.database = database
        self.artifacts = artifacts
        self.incomplete: set[str] = set()
        """Content keys of results that were looked up in vain because a file of theirs is missing."""
        self.generation = 0
        """How often the pages, the transcript or the storyboard were changed through this library, which alone may."""

    def read(self, shape: type[Value], question: Executable, **given: object) -> tuple[Value, ...]:
        """Return the rows of a query as frozen values."""
        with self.database.reading() as connection:
            return fetch_values(connection, shape, question, **given)

    def register(self, connection: Connection, artifacts: Iterable[Artifact]) -> None:
        """Add rows for artifacts, so that others can refer to them; existing rows are not changed."""
        rows = [{**artifact.model_dump(), "created": models.now()} for artifact in artifacts]
        if rows:
            connection.execute(_REGISTER, rows)

    def register_by_hash(self, connection: Connection, names: Iterable[str]) -> None:
        """Register artifacts by their SHA-256; what is not registered yet is read from disk.

        Raises:
            StorageError: The file of an artifact is missing.
        """
        hashes = list(dict.fromkeys(names))
        registered = set(connection.execute(_REGISTERED, {"names": json.dumps(hashes)}).scalars())
        self.register(connection, [self.artifacts.describe(name) for name in hashes if name not in registered])


def fetch_values(
    connection: Connection, shape: type[Value], question: Executable, **given: object
) -> tuple[Value, ...]:
    """Return the rows of a query as frozen values; a column that the value does not have is an error."""
    return tuple(shape.model_validate(dict(row)) for row in connection.execute(question, given).mappings())


def insert_row(connection: Connection, statement: Insert, row: Mapping[str, object]) -> int:
    """Add a row to a table that numbers its rows, and return its number."""
    key = connection.execute(statement, row).inserted_primary_key
    assert key is not None
    return int(key[0])
