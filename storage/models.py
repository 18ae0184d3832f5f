"""The tables of library.db as SQLModel rows; only the other modules of this package use them.

Values that are stored as JSON (boxes, plans, facts) are validated by their domain model when they are written and read.
No row is marked as stale, done or current, except the head of the storyboard: everything else is computed.
"""

from __future__ import annotations

import os
from datetime import UTC, datetime
from typing import ClassVar

from sqlalchemy import CheckConstraint, MetaData, Table, UniqueConstraint, inspect
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import registry
from sqlalchemy.types import JSON, DateTime, TypeDecorator
from sqlmodel import AutoString, Field, SQLModel

from storage.shapes import JsonObject

_CONSTRAINT_NAMES = {
    "ix": "ix_%(table_name)s_%(column_0_N_name)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
"""Every constraint has a name, because a migration can only change constraints that it can name."""


class UtcTime(TypeDecorator[datetime]):
    """A column for times in UTC; SQLite itself does not store the zone."""

    impl = DateTime
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return an aware time as naive UTC, as it is stored."""
        return None if value is None else value.astimezone(UTC).replace(tzinfo=None)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return a stored time as aware UTC."""
        return None if value is None else value.replace(tzinfo=UTC)


class PathText(TypeDecorator[str]):
    """A column for paths: text in UTF-8 as it is, and any other name as the bytes that the file system holds."""

    impl = AutoString
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: Dialect) -> str | None:
        """Return the path as it is stored."""
        try:
            (value or "").encode()
        except UnicodeEncodeError:
            return os.fsencode(str(value))  # type: ignore[return-value]  # SQLite stores it as it is
        return value

    def process_result_value(self, value: str | bytes | None, dialect: Dialect) -> str | None:
        """Return a stored path as text, with the characters that Python has for bytes that are no text."""
        return os.fsdecode(value) if isinstance(value, bytes) else value


def now() -> datetime:
    """Return the present time in UTC."""
    return datetime.now(UTC)


class Row(SQLModel, registry=registry(metadata=MetaData(naming_convention=_CONSTRAINT_NAMES))):
    """The base of all tables: it names their constraints."""

    metadata: ClassVar[MetaData]


def table(row: type[Row]) -> Table:
    """Return the table of a row class, for SQL statements."""
    mapped_table = inspect(row).local_table
    assert isinstance(mapped_table, Table)
    return mapped_table


class ArtifactRow(Row, table=True):
    """A stored file; all other tables refer to it by its SHA-256."""

    __tablename__ = "artifact"

    sha256: str = Field(primary_key=True)
    media_type: str
    size: int
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class ProjectRow(Row, table=True):
    """The book and the settings of the project: a single row."""

    __tablename__ = "project"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    source: str | None = Field(default=None, sa_type=PathText)
    info: JsonObject = Field(default_factory=dict, sa_type=JSON)
    settings: JsonObject = Field(default_factory=dict, sa_type=JSON)
    head: int | None = Field(default=None, foreign_key="revision.number")
    corrected: int | None = Field(default=None, foreign_key="correction.number")
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class PageRow(Row, table=True):
    """The stored image of one page."""

    __tablename__ = "page"

    index: int = Field(primary_key=True)
    name: str
    artifact: str = Field(foreign_key="artifact.sha256")
    width: int
    height: int
    layers: str = Field(default="", sa_column_kwargs={"server_default": ""})


class TranscriptRow(Row, table=True):
    """How the book was read: a single row; the transcript itself is in the five tables after it."""

    __tablename__ = "transcript"
    __table_args__ = (CheckConstraint("id = 1", name="single"),)

    id: int = Field(default=1, primary_key=True)
    order: str
    backend: str
    narrator: JsonObject | None = Field(default=None, sa_type=JSON)


class PageReadingRow(Row, table=True):
    """A page of the transcript; separate from PageRow, because a person may have written the transcript."""

    __tablename__ = "page_reading"

    index: int = Field(primary_key=True)
    position: int
    image: str
    width: int
    height: int
    doubts: list[str] = Field(sa_type=JSON)


class PanelRow(Row, table=True):
    """A panel of a page."""

    __tablename__ = "panel"

    id: str = Field(primary_key=True)
    page: int = Field(foreign_key="page_reading.index")
    position: int
    order: int
    box: list[float] = Field(sa_type=JSON)
    polygon: list[list[float]] = Field(sa_type=JSON)


class BalloonRow(Row, table=True):
    """A region of lettering; the speaker is no foreign key, because it may be known before the characters are."""

    __tablename__ = "balloon"

    id: str = Field(primary_key=True)
    page: int = Field(foreign_key="page_reading.index")
    position: int
    order: int
    box: list[float] = Field(sa_type=JSON)
    panel: str | None = Field(default=None, foreign_key="panel.id")
    kind: str
    text: str
    language: str
    vertical: bool
    confidence: float
    speaker: str | None = None
    outline: list[list[float]] = Field(sa_type=JSON)
    tail: list[float] | None = Field(default=None, sa_type=JSON)
    spoken_seconds: float = Field(default=0.0, sa_column_kwargs={"server_default": "0"})


class CharacterRow(Row, table=True):
    """A character of the book."""

    __tablename__ = "character"

    id: str = Field(primary_key=True)
    position: int
    name: str
    appearances: list[str] = Field(sa_type=JSON)
    reference: str = ""
    voice: JsonObject | None = Field(default=None, sa_type=JSON)


class AppearanceRow(Row, table=True):
    """One sighting of a character in one panel."""

    __tablename__ = "appearance"

    id: str = Field(primary_key=True)
    page: int = Field(foreign_key="page_reading.index")
    position: int
    box: list[float] = Field(sa_type=JSON)
    character: str | None = Field(default=None, foreign_key="character.id")
    panel: str | None = Field(default=None, foreign_key="panel.id")


class CorrectionRow(Row, table=True):
    """One state of the corrections of the transcript; rows are only added."""

    __tablename__ = "correction"

    number: int | None = Field(default=None, primary_key=True)
    parent: int | None = Field(default=None, foreign_key="correction.number")
    kind: str = Field(sa_column_kwargs={"server_default": "fix"})
    key: str
    author: str
    message: str
    edits: list[JsonObject] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    order: str | None = None
    names: dict[str, str] = Field(sa_type=JSON)
    merged: dict[str, str] = Field(sa_type=JSON)
    voices: dict[str, JsonObject] = Field(default_factory=dict, sa_type=JSON, sa_column_kwargs={"server_default": "{}"})
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class CorrectedPageRow(Row, table=True):
    """One page of such a state: the artifacts of its image, which the book may no longer hold, and its transcript."""

    __tablename__ = "corrected_page"

    correction: int = Field(primary_key=True, foreign_key="correction.number")
    page: str = Field(primary_key=True)
    reading: str = Field(foreign_key="artifact.sha256")


class RevisionRow(Row, table=True):
    """One revision of the storyboard; rows are only added."""

    __tablename__ = "revision"

    number: int | None = Field(default=None, primary_key=True)
    parent: int | None = Field(default=None, foreign_key="revision.number")
    origin: int | None = Field(default=None, foreign_key="revision.number")
    kind: str = Field(sa_column_kwargs={"server_default": "edit"})
    key: str = Field(index=True)
    author: str
    message: str
    edits: list[JsonObject] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    screen: JsonObject | None = Field(default=None, sa_type=JSON)
    inputs: str | None = Field(default=None, foreign_key="artifact.sha256")
    lost: list[JsonObject] = Field(default_factory=list, sa_type=JSON, sa_column_kwargs={"server_default": "[]"})
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class ShotRow(Row, table=True):
    """The plan of a shot under its hash; revisions share the plans that they do not change."""

    __tablename__ = "shot"

    digest: str = Field(primary_key=True)
    name: str
    plan: JsonObject = Field(sa_type=JSON)


class RevisionShotRow(Row, table=True):
    """One plan of a revision, with its place."""

    __tablename__ = "revision_shot"

    revision: int = Field(primary_key=True, foreign_key="revision.number")
    ordinal: int = Field(primary_key=True)
    shot: str = Field(foreign_key="shot.digest")


class MadeRow(Row, table=True):
    """The result of a job under its content key."""

    __tablename__ = "made"

    key: str = Field(primary_key=True)
    tool: str
    facts: JsonObject = Field(sa_type=JSON)
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class MadeArtifactRow(Row, table=True):
    """One artifact of a result, by its role."""

    __tablename__ = "made_artifact"

    key: str = Field(primary_key=True, foreign_key="made.key")
    role: str = Field(primary_key=True)
    artifact: str = Field(foreign_key="artifact.sha256")


class TakeRow(Row, table=True):
    """One take of a shot. `shot` is the id of the shot, which stays valid over all revisions."""

    __tablename__ = "take"
    __table_args__ = (UniqueConstraint("shot", "key"), UniqueConstraint("shot", "number"))

    id: int | None = Field(default=None, primary_key=True)
    shot: str
    number: int
    key: str
    artifact: str = Field(foreign_key="artifact.sha256")
    backend: str
    seed: int
    attempt: int
    facts: JsonObject = Field(sa_type=JSON)
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class VerdictRow(Row, table=True):
    """A verdict on a take."""

    __tablename__ = "verdict"

    id: int | None = Field(default=None, primary_key=True)
    take: int = Field(foreign_key="take.id", index=True)
    author: str = Field(default="measures", sa_column_kwargs={"server_default": "measures"})
    decision: str
    reason: str
    measures: dict[str, float] = Field(sa_type=JSON)
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class FailureRow(Row, table=True):
    """The newest reason why a shot could not be made at a stage."""

    __tablename__ = "failure"

    shot: str = Field(primary_key=True)
    stage: str = Field(primary_key=True)
    reason: str
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class CutRow(Row, table=True):
    """The ordered takes that make the film of a revision."""

    __tablename__ = "cut"

    id: int | None = Field(default=None, primary_key=True)
    revision: int = Field(foreign_key="revision.number")
    key: str
    film: str | None = Field(default=None, foreign_key="artifact.sha256")
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class CutTakeRow(Row, table=True):
    """One take of a cut, with its place."""

    __tablename__ = "cut_take"

    cut: int = Field(primary_key=True, foreign_key="cut.id")
    position: int = Field(primary_key=True)
    take: int = Field(foreign_key="take.id")


class EventRow(Row, table=True):
    """An event of the journal."""

    __tablename__ = "event"

    id: int | None = Field(default=None, primary_key=True)
    stage: str
    kind: str
    text: str
    facts: JsonObject = Field(sa_type=JSON)
    created: datetime = Field(default_factory=now, sa_type=UtcTime)


class MessageRow(Row, table=True):
    """One turn of the conversation about the film."""

    __tablename__ = "message"

    id: int | None = Field(default=None, primary_key=True)
    role: str
    text: str
    created: datetime = Field(default_factory=now, sa_type=UtcTime)
