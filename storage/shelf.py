"""What every part of the library stands on: the database and the artifacts, and how rows point to artifacts."""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy.dialects.sqlite import insert
from sqlmodel import Session

from storage import models
from storage.artifacts import Artifacts
from storage.database import Database
from storage.shapes import Artifact


class Shelf:
    """One part of the library; each of its calls is one short transaction, from any thread."""

    def __init__(self, database: Database, artifacts: Artifacts) -> None:
        self.database = database
        self.artifacts = artifacts

    def register(self, session: Session, artifacts: Iterable[Artifact]) -> None:
        """Make the rows that others point to; what stands already stays as it is."""
        rows = [{**artifact.model_dump(), "created": models.now()} for artifact in artifacts]
        if rows:
            session.execute(insert(models.Artifact).on_conflict_do_nothing(), rows)

    def recognise(self, session: Session, names: Iterable[str]) -> None:
        """The same for artifacts known by name only, looked up on the disk. StorageError when one is missing."""
        for name in set(names):
            if session.get(models.Artifact, name) is None:
                self.register(session, [self.artifacts.describe(name)])
